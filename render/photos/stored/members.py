"""Members of an archive, and how much an archive may have."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from render.errors import PhotoError
from render.files.stores.ranged import RangedFile

# COCO's largest archive has 123,000; each takes some 400 bytes of memory, and more while they are listed.
MOST_MEMBERS = 1_000_000
# Of each of them, and of the names of them all.
LARGEST_DIRECTORY_BYTES = 256 << 20


class Member(NamedTuple):
    """Where a file lies in an archive.

    Attributes:
        header: Where its own header begins.
        packed: How many bytes it takes, behind its header.
        size: How many bytes it has.
        check: Its CRC-32; 0 where the archive has none.
        kind: How it is packed: of a zip the number of its method, of a tar 0.
        fault: Why it cannot be read; nothing where it can.
    """

    header: int
    packed: int
    size: int
    check: int = 0
    kind: int = 0
    fault: str = ""


class ArchiveFormat(Protocol):
    """How members of a kind of archive are listed and read."""

    def list_members(self, file: RangedFile) -> dict[str, Member]:
        """All files in it by their names, as these are written there.

        Of two with one name the later one is taken, as it is when an archive is unpacked.

        Raises:
            PhotoError: It is no such archive, is damaged, or has too many members.
            StoreError: It cannot be read.
        """

    def read_member(self, file: RangedFile, shown: str, member: Member) -> bytes:
        """The content of a member, checked as far as the archive lets it be.

        Args:
            file: The archive.
            shown: What the member is called in messages.
            member: The member, of a size that may be read.

        Raises:
            PhotoError: It is damaged.
            StoreError: It cannot be read.
        """

    def find_content(self, file: RangedFile, shown: str, member: Member) -> int | None:
        """Where the content of a member begins; None where it does not lie there as it is."""

    def date(self, file: RangedFile, member: Member) -> int:
        """A number that is another where a member has changed, told without reading it."""


def refuse_count(file: RangedFile) -> PhotoError:
    """The error of an archive with too many members."""
    return PhotoError(
        f"{file.shown}: expected an archive of at most {MOST_MEMBERS:,} files, found more. Pack the photos "
        f"into several, and name them together: dataset.image_dir='/data/photos-*.tar'"
    )
