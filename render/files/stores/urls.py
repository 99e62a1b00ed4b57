"""URLs of files and folders: what may stand in one, and what is shown of it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote, unquote, urlsplit

from render.errors import StoreError
from render.files.image_names import LONGEST_BYTES

Scheme = Literal["s3", "gs", "az", "https", "http", "file"]
SCHEMES = ("s3", "gs", "az", "https", "http", "file")
# Those whose paths are percent-encoded.
_ENCODED = ("https", "http", "file")

# A letter alone before the colon would be a drive of Windows.
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,221}", re.ASCII)
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)
# What stands before the @ and behind ? and # may be a password, or a signature that is as good as one.
_USER = re.compile(r"(?<=://)[^/\s]*@")
_QUERY = re.compile(r"(://[^\s\"'<>()?#]*)[?#][^\s\"'<>()]+")


@dataclass(frozen=True)
class StoreUrl:
    """A file or a folder at a URL. Its `str()` is the URL, which holds no credentials.

    Attributes:
        scheme: How it is reached.
        place: The bucket or container, or host and port; nothing of files.
        key: The path below that, without slashes at its ends, and not percent-encoded; of files without the
            slash of the root.
        is_folder: Whether the URL ends with a slash, and so can only be that of a folder.
    """

    scheme: Scheme
    place: str
    key: str
    is_folder: bool = False

    def __str__(self) -> str:
        # As it was read: what is in a bucket has no other name than that.
        key = quote(self.key) if self.scheme in _ENCODED else self.key
        return f"{self.scheme}://{self.place}/{key}{'/' if self.is_folder and key else ''}"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.key.rpartition("/")[2]

    @property
    def parent(self) -> StoreUrl:
        """The folder that it lies in."""
        return replace(self, key=self.key.rpartition("/")[0], is_folder=True)

    @property
    def local_path(self) -> Path | None:
        """Where a `file://` URL leads to on this machine; None of others."""
        return Path(f"/{self.key}") if self.scheme == "file" else None

    @property
    def is_loopback(self) -> bool:
        """Whether it is served by this machine to itself."""
        host = urlsplit(f"//{self.place}").hostname or ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def join(self, name: str) -> StoreUrl:
        """The URL of what lies in this folder.

        Args:
            name: Below the folder, which it must not leave.
        """
        return replace(self, key=f"{self.key}/{name}" if self.key else name, is_folder=False)


def is_url(text: str) -> bool:
    """Whether a setting is a URL, and not a path."""
    return _URL.match(text) is not None


def parse_url(text: str) -> StoreUrl:
    """Reads a URL.

    Those of buckets are taken as they stand, as their own tools do; in those of servers and files `%20` is a
    space, as in a browser.

    Args:
        text: Such as s3://bucket/folder, gs://bucket/a.zip, az://container/folder, https://host/a.tar,
            file:///data/photos.

    Raises:
        StoreError: It is not one that can be read from or written to, or holds credentials; these are not in
            the message.
    """
    found = _URL.match(text)
    scheme = found[1].lower() if found else ""
    if found is None or scheme not in SCHEMES:
        raise StoreError(
            f"expected a URL that begins with {', '.join(f'{one}://' for one in SCHEMES)}, found "
            f"{redact(text)[:60]!r}"
        )
    shown = redact(text)[:100]
    fault = _find_fault(text, scheme, text[found.end() :])
    if fault is not None:
        raise StoreError(f"{shown!r}: {fault}")
    place, _, path = text[found.end() :].partition("/")
    if scheme in _ENCODED:
        path = unquote(path)
    key = path.removesuffix("/")
    fault = _find_path_fault(key)
    if fault is not None:
        raise StoreError(
            f"{shown!r}: expected a path of names with single slashes between them, found {fault}"
        )
    url = StoreUrl(cast(Scheme, scheme), place.lower() if scheme in ("https", "http") else place, key)
    if scheme == "http" and not url.is_loopback:
        raise StoreError(
            f"{shown!r}: http is read without encryption, and on this machine alone; use https://"
        )
    return replace(url, is_folder=path.endswith("/") or not key)


def is_server(address: str) -> bool:
    """Whether a text is the address of a server: http:// or https://, its name or number, and a port."""
    found = _URL.match(address)
    host, _, path = address[found.end() :].partition("/") if found else ("", "", "")
    return (
        found is not None
        and found[1].lower() in ("https", "http")
        and _HOST.fullmatch(host) is not None
        and _has_port_in_range(host)
        and re.search(r"[^!-~]|[?#]", path) is None
    )


def redact(text: str) -> str:
    """A text without what may be a secret in the URLs that it holds: users, passwords and queries."""
    return _QUERY.sub(r"\1?...", _USER.sub("...@", text))


def _find_fault(text: str, scheme: str, behind: str) -> str | None:
    """What is wrong with a URL apart from its path."""
    if len(text.encode(errors="surrogateescape")) > LONGEST_BYTES:
        return f"expected a URL of at most {LONGEST_BYTES} bytes"
    if _CONTROL.search(text) or "\\" in text:
        return "expected a URL without control characters and backslashes"
    place = behind.partition("/")[0]
    if "@" in place:
        return (
            "expected no user and no password in a URL, where logs would show them; credentials belong in "
            "the environment, such as AWS_ACCESS_KEY_ID"
        )
    if "?" in behind or "#" in behind:
        return (
            "expected a URL without ? and #, where signatures stand that logs would show; give the rights to "
            "the account, or fetch the file by the program that the URL is for"
        )
    if scheme == "file":
        return None if place in ("", "localhost") else "expected three slashes, as in file:///data/photos"
    if scheme in ("https", "http"):
        is_one = _HOST.fullmatch(place) is not None and _has_port_in_range(place)
        return None if is_one else "expected the name of a server behind ://"
    return None if _BUCKET.fullmatch(place) else "expected the name of a bucket behind ://"


def _has_port_in_range(place: str) -> bool:
    try:
        return urlsplit(f"//{place}").port != 0
    except ValueError:
        return False


def _find_path_fault(key: str) -> str | None:
    if not key:
        return None
    if _CONTROL.search(key):
        return "a control character"
    try:
        key.encode()
    except UnicodeEncodeError:
        return "what is no text"
    return next((f'"{part}"' for part in key.split("/") if part in ("", ".", "..")), None)
