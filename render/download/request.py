"""One HTTP request for the rest of a file, and what went wrong with it in words."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from email.message import Message
from http import HTTPStatus
from http.client import HTTPMessage
from typing import IO, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from render.containers.json_values import shown
from render.download.pace import ConnectionLost, PacedHTTPHandler, PacedHTTPSHandler
from render.download.partial import Origin, is_version
from render.errors import DownloadError

SCHEMES = ("http", "https")
# Of silence.
TIMEOUT_S = 30
CHUNK_BYTES = 1 << 16
# No file has more bytes; Python refuses to read numbers of thousands of digits.
_SIZE = "[0-9]{1,18}"


class PartOutdated(Exception):
    """The server does not serve, or no longer, what the part is a part of."""


class _StayOnHttp(HTTPRedirectHandler):
    def redirect_request(
        self, request: Request, file: IO[bytes], code: int, message: str, headers: HTTPMessage, url: str
    ) -> Request | None:
        # The library would also follow to ftp, where it asks for no range.
        if urlsplit(url).scheme not in SCHEMES:
            raise HTTPError(url, code, message, headers, file)
        # Its text is read otherwise, however long it is.
        file.close()
        return super().redirect_request(request, file, code, message, headers, url)


_opener = build_opener(_StayOnHttp, PacedHTTPHandler, PacedHTTPSHandler)


def request_rest(origin: Origin, start: int) -> http.client.HTTPResponse:
    """Asks for a file from some byte on.

    Args:
        origin: What is asked for.
        start: The first byte.

    Returns:
        The server's answer: 206 with just that, 200 with the whole file.

    Raises:
        ConnectionLost: Asking again may help.
        PartOutdated: The server has another version by now; only if `start` is not 0.
        DownloadError: Asking again would not help.
    """
    if origin.url.partition("://")[0].lower() not in SCHEMES:
        raise DownloadError(f"{origin.url}: expected an address that begins with http:// or https://.")
    # Ranges count the bytes that are sent, so these must be the file's own and not compressed ones.
    headers = {"Accept-Encoding": "identity", "User-Agent": "render"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if origin.version:
            # Of another version the server then sends all, not a rest that does not belong to the part.
            headers["If-Range"] = origin.version
    try:
        response = _opener.open(Request(origin.url, headers=headers), timeout=TIMEOUT_S)
    except HTTPError as error:
        error.close()
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and start:
            raise PartOutdated from None
        raise DownloadError(f"{origin.url}: {_explain_status(error.code, error.headers)}.") from error
    # OverflowError: a port beyond those that there are.
    except (OSError, http.client.HTTPException, ValueError, OverflowError) as error:
        _explain(origin.url, error.reason if isinstance(error, URLError) else error)
    if response.status == HTTPStatus.PARTIAL_CONTENT and start:
        if not _is_rest(response, origin, start):
            response.close()
            raise PartOutdated
    elif response.status != HTTPStatus.OK:
        response.close()
        raise DownloadError(f"{origin.url}: {_explain_status(response.status, response.headers)}.")
    return response


def read_origin(url: str, response: http.client.HTTPResponse) -> Origin:
    """What a response with all of the file is going to bring.

    Args:
        url: That was asked for.
        response: Of which nothing has been read.

    Raises:
        DownloadError: What it says of its length is no number of bytes.
    """
    length = response.headers.get("Content-Length")
    # The library takes a length that it cannot read for none.
    if length is not None and not response.chunked and not re.fullmatch(_SIZE, length.strip(" \t")):
        raise DownloadError(
            f"{url}: expected a length (Content-Length) of 1 to 18 digits, the server announces "
            f"'{shown(length)}'. Check the address."
        )
    return Origin(url, _read_version(response), response.length)


def read_chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body as it comes. It ends early, too, where the connection does.

    Args:
        response: Of which nothing has been read.

    Yields:
        Bytes, in order.

    Raises:
        ConnectionLost: Nothing comes any more.
    """
    try:
        while chunk := response.read1(CHUNK_BYTES):
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionLost(_describe_loss(error)) from error


def _is_rest(response: http.client.HTTPResponse, origin: Origin, start: int) -> bool:
    content_range = response.headers.get("Content-Range", "")
    match = re.fullmatch(rf"bytes ({_SIZE})-({_SIZE})/({_SIZE}|\*)", content_range)
    if not match or int(match[1]) != start:
        return False
    version, total = _read_version(response), None if match[3] == "*" else int(match[3])
    # Nothing but the length can then tell two versions apart.
    if origin.version is None:
        return total == origin.total
    return version in (None, origin.version) and (None in (total, origin.total) or total == origin.total)


def _read_version(response: http.client.HTTPResponse) -> str | None:
    # A weak ETag (W/"...") may be the same for different bytes.
    tag = response.headers.get("ETag", "")
    names = (tag if tag.startswith('"') else None, response.headers.get("Last-Modified"))
    return next(filter(is_version, names), None)


def _explain_status(status: int, headers: Message) -> str:
    """What an HTTP status other than success means, and what to do."""
    name = f"the server answers {status}"
    match status:
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            return f"{name}: there is no such file. Check the address; it may have moved"
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            return f"{name}: it does not give this file to everyone. Check the address, or fetch it by hand"
        case _ if 300 <= status < 400:
            location = shown(headers.get("Location", "nowhere"))
            return f"{name} and leads to '{location}', which is not followed. Check the address"
        case _ if status >= 500 or status == HTTPStatus.TOO_MANY_REQUESTS:
            return f"{name}: it cannot serve the file now. Try again later"
        case _:
            return f"{name}, expected 200. Check the address"


def _explain(url: str, error: BaseException | str) -> NoReturn:
    """Raises ConnectionLost where asking again may help, DownloadError otherwise."""
    match error:
        case socket.gaierror():
            found = f"no host {urlsplit(url).hostname!r} can be found. Check the address and the network"
        case ConnectionRefusedError():
            found = "the server refuses connections. Check the address, or try again later"
        case ssl.SSLCertVerificationError():
            said = shown(error.verify_message)
            found = f"the server's certificate is not valid ({said}). Check the address"
        case http.client.InvalidURL() | ValueError() | OverflowError():
            found = f"no address that can be asked ({shown(str(error))}). Check it"
        case TimeoutError() | ConnectionError() | http.client.HTTPException():
            raise ConnectionLost(_describe_loss(error)) from error
        case _:
            found = f"the server cannot be reached ({shown(str(error))}). Check the address and the network"
    raise DownloadError(f"{url}: {found}.") from (error if isinstance(error, Exception) else None)


def _describe_loss(error: Exception) -> str:
    return f"nothing came for {TIMEOUT_S} s" if isinstance(error, TimeoutError) else "the connection was cut"
