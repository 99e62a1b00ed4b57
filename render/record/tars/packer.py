"""When finished products are packed into which tar.

Products that follow one another in the order of the run are packed together. As long as one of them is under
way, the others are files in a hidden folder, of which the ledger has records; when it is known of all what
became of them, they are packed. A product that was in a tar before stays in that: where it is made anew the
tar is packed anew, with its other members as they are.

A run that is killed leaves the tar that was there or the new one. The records of both are in the ledger, the
new ones from just before the tar takes its name, and those whose content is found are taken.
"""

from __future__ import annotations

import threading
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable

import numpy as np

from render.errors import ConfigError, OutputError
from render.files.output import Output
from render.files.sheet_names import row_of
from render.files.tars import find_tag, tar_name
from render.record.ledger import Ledger
from render.record.records import Record, list_paths
from render.record.tars.pack import is_packed, name_members, place_records, write_index, write_tar
from render.types.products import STAGED


class Packer:
    """Packs the products of a run, from any thread.

    Args:
        output: The folder.
        ledger: What is noted of products.
        tag: Of the shard, nothing for the whole.
        per_tar: How many products a tar takes.
        products: Of each product of the run the row of its first person and its name, in the order of the
            run.
    """

    def __init__(
        self,
        output: Output,
        ledger: Ledger,
        tag: str,
        per_tar: int,
        products: Iterable[tuple[int, str]],
    ) -> None:
        self._output = output
        self._ledger = ledger
        self._tag = tag
        self._earlier = ledger.list_homes()
        # Numbers, for there may be millions of products.
        number_of: dict[str, int] = {}
        rows, homes = array("q"), array("q")
        for place, (row, product) in enumerate(products):
            home = self._find_home(product) or tar_name(tag, place // per_tar)
            rows.append(row)
            homes.append(number_of.setdefault(home, len(number_of)))
        order = np.argsort(np.asarray(rows), kind="stable")
        self._rows, self._homes = np.asarray(rows)[order], np.asarray(homes)[order]
        self._tars = list(number_of)
        self._lock = threading.Lock()
        # Of each tar how many products are under way, and what became of the others.
        self._left = np.bincount(self._homes)
        self._settled: dict[int, list[Record]] = defaultdict(list)

    def find_tar(self, key: str) -> str:
        """The tar that a product which is made is to be packed into.

        Args:
            key: Of the product, which ends with the row of its first person.

        Raises:
            OutputError: It is in a tar that this run must not write.
        """
        tar = self._tars[self._find_number(row_of(key))]
        if not self._is_own(tar):
            raise OutputError(
                f"{self._output.locate()}: expected {key} in no tar or in one of this shard, found it in "
                f"{tar}, where it is out of date. Run the same command without shard=, or set output.dir to "
                f"a folder of its own."
            )
        return tar

    def settle(self, row: int, record: Record | None) -> None:
        """Takes what became of a product, and packs its tar if that was the last of it.

        Args:
            row: Of its first person.
            record: What is noted of it; None where there is none.

        Raises:
            OutputError: The tar cannot be written.
        """
        number = self._find_number(row)
        with self._lock:
            if record is not None:
                self._settled[number].append(record)
            self._left[number] -= 1
            if self._left[number]:
                return
            settled = self._settled.pop(number, [])
        if self._is_own(self._tars[number]):
            self._pack(self._tars[number], settled)

    def close(self) -> None:
        """Packs what earlier runs left unpacked and this one was not asked for; for a run at its end.

        Raises:
            OutputError: A tar cannot be written.
        """
        for tar in sorted(self._earlier.keys() - set(self._tars)):
            listed = map(self._ledger.list_records, self._earlier[tar])
            is_left = any(one.tar == tar and list_paths(one) for records in listed for one in records)
            if is_left and self._is_own(tar):
                self._pack(tar, [])
        # What is still there nobody has noted, as it is with files of their own that were never noted.
        for name in self._output.list_folders(STAGED):
            if self._is_own(f"{name}.tar"):
                self._output.remove_folder(f"{STAGED}/{name}")
        self._output.remove_empty_folder(STAGED)

    def _is_own(self, tar: str) -> bool:
        """Whether this run may write it: that of the whole all of them, a shard those with its tag."""
        tag = find_tag(tar)
        return tag is not None and self._tag in ("", tag)

    def _find_home(self, product: str) -> str | None:
        """The tar that a product was in; what another shard has not packed, this one may."""
        for record in self._ledger.list_records(product) if self._earlier else ():
            if record.tar is not None and (self._is_own(record.tar) or not list_paths(record)):
                return record.tar
        return None

    def _find_number(self, row: int) -> int:
        return int(self._homes[np.searchsorted(self._rows, row)])

    def _pack(self, tar: str, settled: list[Record]) -> None:
        records = self._gather(tar, settled)
        if not records:
            return
        placed = place_records(records, tar)
        if placed != records or not is_packed(self._output, tar, placed):
            write_tar(self._output, tar, records, placed, lambda: self._ledger.foresee(placed))
            self._ledger.move(placed)
        write_index(self._output, tar, placed)
        for record in records:
            for noted in (record, *self._ledger.list_records(record.product)):
                for path in list_paths(noted):
                    self._output.remove(path)

    def _gather(self, tar: str, settled: list[Record]) -> list[Record]:
        """What a tar is to hold, in the order of the fit file: what is settled, and what else it has."""
        found = {record.product: record for record in settled}
        taken = {name for record in settled for name in name_members(record)}
        for product in self._earlier.get(tar, ()):
            record = None if product in found else self._ledger.find_current(product)
            # Of other fits, whose images may have had names that come to the same.
            if record is not None and record.tar == tar and taken.isdisjoint(name_members(record)):
                found[product] = record
                taken.update(name_members(record))
        return sorted(found.values(), key=lambda record: (record.rows, record.product))


def open_packer(
    output: Output, ledger: Ledger, tag: str, per_tar: int, products: Iterable[tuple[int, str]]
) -> Packer | None:
    """What packs the products of a run; None where they are to be files of their own.

    Args:
        output: The folder.
        ledger: What is noted of products.
        tag: Of the shard, nothing for the whole.
        per_tar: The setting `output.tar`.
        products: As `Packer` takes them.

    Raises:
        ConfigError: Files of their own are asked for, and there are tars already.
    """
    if per_tar:
        return Packer(output, ledger, tag, per_tar, products)
    refuse_tars(output, ledger.list_homes())
    return None


def refuse_tars(output: Output, tars: Collection[str]) -> None:
    """Raises ConfigError where there are tars, for a run that makes files of their own.

    Args:
        output: The folder.
        tars: That are there.
    """
    if tars:
        raise ConfigError(
            f"output.tar: expected how many products a tar takes, for {output.locate()} has tars of earlier "
            f"runs ({min(tars)}), found 0; set output.tar as it was, or output.dir to a folder of its own"
        )
