"""Whether the files of products are there as they were written, and what is in them."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from render.files.output import Readable
from render.types.products import ProductFile

# A tar is never held in memory.
PIECE_BYTES = 1 << 20


def has_length(place: Readable, file: ProductFile) -> bool:
    """Whether a file is there, no link, and as long as it was written; in a tar, whether that reaches so far.

    Args:
        place: The output folder.
        file: Of a product.
    """
    length = place.measure(file.path)
    if length is None:
        return False
    return length == file.bytes if file.offset is None else file.offset + file.bytes <= length


def read_content(place: Readable, file: ProductFile) -> bytes:
    """What is in a file.

    Args:
        place: The output folder.
        file: Of a product.

    Raises:
        OSError: It cannot be read.
    """
    # No more of it than was written: one that has grown is not to fill the memory.
    return b"".join(read_pieces(place, file))


def read_contents(place: Readable, files: Iterable[ProductFile]) -> Iterator[bytes]:
    """What is in files, in their order; where reading waits for a network, several are read side by side.

    Args:
        place: The output folder.
        files: Of products, each small.

    Raises:
        OSError: The next one cannot be read.
    """
    if place.reads_at_once == 1:
        yield from (read_content(place, file) for file in files)
        return
    with ThreadPoolExecutor(place.reads_at_once) as pool:
        ahead: deque[Future[bytes]] = deque()
        for file in files:
            ahead.append(pool.submit(read_content, place, file))
            if len(ahead) == place.reads_at_once:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def has_content(place: Readable, file: ProductFile) -> bool:
    """Whether a file is there, and what is in it is what was written; takes the same as `has_length`."""
    digest, length = hashlib.sha256(), 0
    try:
        # One that is longer was changed too, which a byte more shows.
        for piece in read_pieces(place, file, more=int(file.offset is None)):
            digest.update(piece)
            length += len(piece)
    except OSError:
        return False
    return length == file.bytes and digest.hexdigest() == file.sha256


def read_pieces(place: Readable, file: ProductFile, more: int = 0) -> Iterator[bytes]:
    """What is in a file, piece by piece.

    Args:
        place: The output folder.
        file: Of a product.
        more: Bytes behind what was written that are read too, if they are there.

    Raises:
        OSError: It cannot be read.
    """
    left = file.bytes + more
    with place.open(file.path) as opened:
        opened.seek(file.offset or 0)
        while left and (piece := opened.read(min(left, PIECE_BYTES))):
            left -= len(piece)
            yield piece
