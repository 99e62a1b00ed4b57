"""Products of one file or of several, written so that all of their files are there or none is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from render.errors import SheetError
from render.files.digest import identify
from render.files.output_dir import OutputDir
from render.types.products import MOST_FILES, ProductFile


class ProductWriter:
    """Writes products below one folder; threads may do so at the same time.

    Args:
        output: The folder.
        begin: Called with the key of a product of several files, and with their names, before the first of
            them takes its name, so that they are found again if the process is killed there.
    """

    def __init__(self, output: OutputDir, begin: Callable[[str, Sequence[str]], None] | None = None) -> None:
        self._output = output
        self._begin = begin

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
        named = {key + suffix: content for suffix, content in files.items()}
        if len(named) == 1:
            ((name, content),) = named.items()
            self._output.write(name, content)
        else:
            self._output.write_together(named, lambda: self._note(key, list(named)))
        found = [(name, identify(content)) for name, content in named.items()]
        return tuple(ProductFile(name, known.bytes, known.sha256) for name, known in found)

    def _note(self, key: str, names: list[str]) -> None:
        if self._begin is not None:
            self._begin(key, names)
