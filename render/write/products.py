"""Products of one file or of several, written so that all of their files are there or none is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from render.errors import SheetError
from render.files.digest import identify
from render.files.output import Output
from render.files.tars import member_key
from render.types.products import MOST_FILES, ProductFile


class ProductWriter:
    """Writes products below one folder; threads may do so at the same time.

    Args:
        output: The folder.
        begin: Called with the key of a product of several files, or the name of one file, and with their
            names, before the first of them takes its name, so that they are found again if the process is
            killed there.
        find_tar: Gives the tar that the product of a key is to be packed into; left out, files stay files of
            their own.
    """

    def __init__(
        self,
        output: Output,
        begin: Callable[[str, Sequence[str]], None] | None = None,
        find_tar: Callable[[str], str] | None = None,
    ) -> None:
        self._output = output
        self._begin = begin
        self._find_tar = find_tar

    def write(self, key: str, files: Mapping[str, bytes | memoryview]) -> tuple[ProductFile, ...]:
        """Writes all files of a product, replacing what is there.

        Args:
            key: What the names of its files begin with: a path below the folder.
            files: Their contents by what their names end with, such as `.jpg` or `.iuv.png`.

        Returns:
            What the files are known by, in the same order.

        Raises:
            SheetError: This product cannot be written; others may.
            OutputError: None can be written.
        """
        if len(files) > MOST_FILES:
            raise SheetError(
                f"expected at most {MOST_FILES} files of a product, found {len(files)}. Ask for fewer layers "
                f"or for fewer people in one."
            )
        stem, tar = key, None
        if self._find_tar is not None:
            stem, tar = member_key(key), self._find_tar(key)
        known = [(stem + suffix, identify(content)) for suffix, content in files.items()]
        found = tuple(ProductFile(name, one.bytes, one.sha256, tar) for name, one in known)
        placed = dict(zip((file.path for file in found), files.values(), strict=True))
        if len(placed) == 1:
            ((path, content),) = placed.items()
            # What is called as its file is.
            self._note(path, [path])
            self._output.write(path, content)
        else:
            self._output.write_together(placed, lambda: self._note(key, list(placed)))
        return found

    def _note(self, key: str, names: list[str]) -> None:
        if self._begin is not None:
            self._begin(key, names)
