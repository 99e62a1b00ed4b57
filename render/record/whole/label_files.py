"""What is made of all label sets of a data set, when its products are there."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from render.errors import OutputError
from render.files.faults import explain_failure
from render.files.output import Output
from render.files.placing import SETTING
from render.files.tars import member_key
from render.labels.dataset.coco_file import ANNOTATIONS_NAME, write_annotations
from render.labels.people import SIDECAR
from render.record.records import Record
from render.record.stored import read_contents
from render.types.products import ProductFile

log = logging.getLogger("render")


def write_label_files(output: Output, records: Iterable[Record], settings: Collection[str]) -> None:
    """Writes the annotations of a data set; nothing where no product is a label set of these settings.

    Others that earlier runs left in the folder show the same people in other ways, such as alone instead of
    together: with them people would be annotated twice.

    Args:
        output: Where the products are.
        records: Of all products, in the order of the manifest.
        settings: Hashes of the settings of this run, or of its shards.

    Raises:
        OutputError: A sidecar is missing or damaged, or nothing can be written.
    """
    found = [(record, file) for record in records for file in _list_sidecars(record)]
    sidecars = [(record.product, file) for record, file in found if record.settings in settings]
    if not sidecars:
        return

    def read_all() -> Iterator[tuple[str, bytes]]:
        contents = read_contents(output, [file for _, file in sidecars])
        for product, file in sidecars:
            try:
                yield product, next(contents)
            except OSError as error:
                path = output.locate(file.path)
                raise OutputError(
                    f"{path}: cannot be read: {explain_failure(Path(path), error, SETTING)}."
                ) from error

    write_annotations(output, read_all)
    others = len(found) - len(sidecars)
    left_out = f" (without {others} of other settings, of earlier runs)" if others else ""
    log.info("annotations of %d label sets%s: %s", len(sidecars), left_out, output.locate(ANNOTATIONS_NAME))


def _list_sidecars(record: Record) -> list[ProductFile]:
    # In a tar its name begins with another key.
    names = {key + SIDECAR for key in (record.product, member_key(record.product))}
    return [file for file in record.files if file.name in names]
