"""One tar and its index, made of the files of products, or found to be as they would be made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from render.errors import OutputError
from render.files.output import Output, Readable
from render.files.tars import format_index, frame_members, index_name, member_key
from render.record.records import Record
from render.record.stored import PIECE_BYTES, read_pieces
from render.types.products import ProductFile


def place_records(records: Sequence[Record], tar: str) -> list[Record]:
    """The records as they will be when their files are in a tar, one behind the other.

    Args:
        records: In the order of the tar.
        tar: Its name.
    """
    files = [(_name_member(record, file), file.bytes) for record in records for file in record.files]
    frames = list(frame_members(files))
    offsets = iter([begin + len(frame) for begin, frame in frames])
    return [
        replace(
            record,
            files=tuple(
                replace(file, name=_name_member(record, file), tar=tar, offset=next(offsets))
                for file in record.files
            ),
        )
        for record in records
    ]


def name_members(record: Record) -> list[str]:
    """The names that the files of a product have in a tar."""
    return [_name_member(record, file) for file in record.files]


def is_packed(place: Readable, tar: str, placed: Sequence[Record]) -> bool:
    """Whether a tar has the length, and all around its members, that it would be written with.

    Args:
        place: The output folder.
        tar: The name of the tar.
        placed: Records of all that is to be in it, from `place_records`.
    """
    # A link is replaced, whatever it leads to.
    length = place.measure(tar)
    if length is None:
        return False
    if place.has_whole_files:
        *_, (begin, end) = frame_members((one.name, one.bytes) for one in _list_files(placed))
        return length == begin + len(end)
    try:
        with place.open(tar) as file:
            for begin, frame in frame_members((one.name, one.bytes) for one in _list_files(placed)):
                file.seek(begin)
                if file.read(len(frame)) != frame:
                    return False
            return not file.read(1)
    except OSError:
        return False


def write_tar(
    output: Output,
    tar: str,
    records: Sequence[Record],
    placed: Sequence[Record],
    foresee: Callable[[], None],
) -> None:
    """Writes a tar; it is whole or not there, and on the disk whatever becomes of the machine.

    Args:
        output: The folder.
        tar: The name of the tar.
        records: What is to be in it, where it is now.
        placed: The same from `place_records`.
        foresee: Called when all is written, before the tar takes its name.

    Raises:
        OutputError: It cannot be written, or a file is not what its record says.
    """
    frames = frame_members((one.name, one.bytes) for one in _list_files(placed))

    def list_pieces() -> Iterator[bytes]:
        for source, (_, frame) in zip(_list_files(records), frames, strict=False):
            yield frame
            yield from _read_checked(output, source)
        yield from (frame for _, frame in frames)

    # What was there before is in the files that are read: it is replaced when all of them have been.
    with output.create(tar, is_durable=True) as file:
        for piece in _join_pieces(list_pieces()):
            file.write(piece)
        foresee()


def write_index(output: Output, tar: str, placed: Sequence[Record]) -> None:
    """Writes the index of a tar, if it is not there as it should be.

    Args:
        output: The folder.
        tar: The name of the tar.
        placed: Records of all that is in it.

    Raises:
        OutputError: It cannot be written.
    """
    index = format_index(
        [(one.name, one.offset, one.bytes) for one in _list_files(placed) if one.offset is not None]
    )
    name = index_name(tar)
    # Its length first: whatever is there instead may be of any.
    if output.measure(name) != len(index) or not _is_content(output, name, index):
        output.write(name, index)


def _is_content(place: Readable, name: str, content: bytes) -> bool:
    try:
        with place.open(name) as file:
            return file.read(len(content) + 1) == content
    except OSError:
        return False


def _name_member(record: Record, file: ProductFile) -> str:
    # It has the name already.
    if file.tar is not None:
        return file.name
    key = record.product if len(record.files) > 1 else record.product.rpartition(".")[0]
    return member_key(key) + file.name[len(key) :]


def _list_files(records: Iterable[Record]) -> Iterator[ProductFile]:
    for record in records:
        yield from record.files


def _read_checked(place: Readable, file: ProductFile) -> Iterator[bytes]:
    """The content of a file, which raises OutputError at its end where it is not what was written."""
    digest, length = hashlib.sha256(), 0
    try:
        for piece in read_pieces(place, file):
            digest.update(piece)
            length += len(piece)
            yield piece
    except OSError as error:
        raise _changed(place.locate(file.path)) from error
    if (length, digest.hexdigest()) != (file.bytes, file.sha256):
        raise _changed(place.locate(file.path))


def _changed(path: str) -> OutputError:
    return OutputError(
        f"{path}: expected what was written there, to be packed, found that it has changed since. Run the "
        f"same command again, which makes it anew."
    )


def _join_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same in pieces of about PIECE_BYTES, for a file without a buffer."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) >= PIECE_BYTES:
            yield bytes(held)
            held.clear()
    yield bytes(held)
