"""A table as Parquet: the types, units and meanings of its columns go with it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from render.files.output import Output
from render.review.measure import Column
from render.review.table import Values

# It takes 170 MB of disk and half a second to load, and tables are there without it.
if TYPE_CHECKING:
    import pyarrow as pa

# People in a group of rows, which readers take at once.
_AT_ONCE = 1 << 16


def can_write_parquet() -> bool:
    """Whether PyArrow is installed."""
    return importlib.util.find_spec("pyarrow") is not None


def write_parquet(output: Output, name: str, values: Values) -> None:
    """Writes the file: row, image, and a column for each of the table, null where it is not known.

    Whole numbers are int64, others float64, words dictionary-encoded strings. Each field has its `unit`,
    `about` and `worst` as metadata.

    Args:
        output: The folder.
        name: Of the file.
        values: Of all people.

    Raises:
        OutputError: It cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = values.table.columns
    schema = pa.schema(
        [
            pa.field("row", pa.int64(), nullable=False, metadata={"about": "Row of the fit file."}),
            pa.field("image", pa.string(), nullable=False, metadata={"about": "As in the fit file."}),
            *(
                pa.field(
                    column.name,
                    _find_type(column),
                    metadata={"unit": column.unit, "about": column.about, "worst": column.worst},
                )
                for column in columns
            ),
        ]
    )
    with output.create(name) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in _list_batches(values, schema):
            writer.write_batch(batch)


def _list_batches(values: Values, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for first in range(0, max(len(values), 1), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        # Names of images need not be UTF-8.
        names = [name.encode(errors="backslashreplace").decode() for name in values.image[rows]]
        arrays = [
            pa.array(values.row[rows], pa.int64()),
            pa.array(names, pa.string()),
            *(_make_array(column, values.values[rows, k]) for k, column in enumerate(values.table.columns)),
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _find_type(column: Column) -> pa.DataType:
    import pyarrow as pa

    if column.choices:
        return pa.dictionary(pa.int16(), pa.string())
    return pa.float64() if column.digits else pa.int64()


def _make_array(column: Column, numbers: np.ndarray) -> pa.Array:
    import pyarrow as pa

    # Whole numbers beyond these are none in float64 either.
    is_known = np.isfinite(numbers) & (np.abs(numbers) < 2.0**63)
    if column.choices:
        is_known &= (numbers >= 0) & (numbers < len(column.choices))
    kept = np.where(is_known, numbers, 0.0)
    if column.choices:
        places = pa.array(kept.astype(np.int16), mask=~is_known)
        return pa.DictionaryArray.from_arrays(places, list(column.choices))
    return pa.array(kept if column.digits else kept.astype(np.int64), mask=~is_known)
