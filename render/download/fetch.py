"""Downloads: one file over HTTP, gone on with where it stopped, and used only if it is whole."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from render.containers.json_values import shown
from render.download import pace
from render.download.pace import LEAST_BYTES_PER_S, ConnectionLost
from render.download.partial import Origin, PartialFile
from render.download.request import PartOutdated, read_chunks, read_origin, request_rest
from render.errors import DownloadError, RenderError

# Before each further try; those after which much more is there than before do not count.
WAITS_S = (1, 2, 4, 8, 16)

log = logging.getLogger("render")


@contextmanager
def download(url: str, target: Path, most_bytes: int) -> Iterator[Path]:
    """Downloads a file into a hidden one beside its target, which the body checks and moves or reads.

    Afterwards the hidden file is gone: where the body raises anything but DownloadError, so that the next
    call starts anew. Where the download itself fails, or is stopped at any time, what has come is kept and
    the next call goes on from there.

    Args:
        url: Of the file.
        target: Where it is to go.
        most_bytes: That are taken.

    Yields:
        The path of the hidden file.

    Raises:
        DownloadError: The file cannot be fetched or written, or the body could not use it.
    """
    partial = PartialFile(target, url)
    try:
        with logging_redirect_tqdm():
            _receive(partial, most_bytes)
        try:
            yield partial.path
        except DownloadError:
            raise
        # Whatever a reader says of it: kept, it would fail again and again without being asked for anew.
        except Exception as error:
            partial.remove()
            found = error if isinstance(error, RenderError) else shown(f"{type(error).__name__}: {error}")
            raise DownloadError(f"{url}: what came cannot be used and was removed: {found}") from error
        partial.remove()
    finally:
        partial.close()


def _receive(partial: PartialFile, most_bytes: int) -> None:
    """Asks until the partial is whole, or until asking brings nothing more, or next to nothing."""
    furthest, failures, since = partial.size, 0, pace.clock()
    while not partial.is_whole:
        try:
            _receive_once(partial, most_bytes)
            # Where the total is not known, the file ends with the connection.
            return
        except ConnectionLost as lost:
            # Compared with the most that was ever there: a part may have been thrown away meanwhile.
            enough = LEAST_BYTES_PER_S * (pace.clock() - since)
            if partial.size > furthest and partial.size - furthest >= enough:
                furthest, failures, since = partial.size, 0, pace.clock()
            if failures == len(WAITS_S):
                kept = (
                    f"{_count(partial)} have come and are kept in {partial.path}"
                    if partial.size
                    else "Nothing came"
                )
                raise DownloadError(
                    f"{partial.origin.url}: {lost}, {failures + 1} times in a row. {kept}. Run the same "
                    f"command again to go on from there."
                ) from lost
            log.warning("%s after %s; trying again in %d s", lost, _count(partial), WAITS_S[failures])
            time.sleep(WAITS_S[failures])
            failures += 1


def _receive_once(partial: PartialFile, most_bytes: int) -> None:
    """One request; raises ConnectionLost where there is more to come."""
    origin = partial.origin
    try:
        response = request_rest(origin, partial.start)
    except PartOutdated:
        partial.restart(Origin(origin.url))
        raise ConnectionLost("the server does not go on with what had come") from None
    with response:
        if response.status == 206:
            log.info("%s: %s are there, going on", origin.url, _count(partial))
        else:
            partial.restart(read_origin(origin.url, response))
        most_bytes = _check_size(partial, most_bytes)
        with _open_bar(partial) as bar:
            for chunk in read_chunks(response):
                if partial.size + len(chunk) > most_bytes:
                    partial.restart(Origin(origin.url))
                    raise DownloadError(
                        f"{origin.url}: expected at most {most_bytes:,} bytes, more came. Check the address."
                    )
                partial.append(chunk)
                bar.update(len(chunk))
    # A connection that ends early raises no error where chunks are read.
    if partial.size < (partial.origin.total or 0):
        raise ConnectionLost("the connection was cut")


def _check_size(partial: PartialFile, most_bytes: int) -> int:
    """The bytes that may come in all; raises DownloadError where more are announced than are acceptable."""
    total = partial.origin.total
    if total is None:
        return most_bytes
    if total > most_bytes:
        partial.restart(Origin(partial.origin.url))
        raise DownloadError(
            f"{partial.origin.url}: expected at most {most_bytes:,} bytes, the server announces {total:,}. "
            f"Check the address."
        )
    return total


def _open_bar(partial: PartialFile) -> tqdm:
    return tqdm(
        desc=partial.path.name.removeprefix(".").removesuffix(".part"),
        total=partial.origin.total,
        initial=partial.size,
        unit="B",
        unit_scale=True,
        # A log file wants fewer lines than a terminal.
        mininterval=0.1 if sys.stderr.isatty() else 30,
    )


def _count(partial: PartialFile) -> str:
    total = partial.origin.total
    return f"{partial.size:,} bytes" if total is None else f"{partial.size:,} of {total:,} bytes"
