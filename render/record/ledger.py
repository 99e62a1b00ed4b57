"""What is finished in an output folder, kept so that it outlives the run, however that ends.

While a run writes, each finished product is a line of its journal, a hidden file that is also the run's lock.
Several lines are written at once, a tenth of a second after the first of them on a disk: what a killed run
noted in its last moment is made again. When it ends, all records go into the manifest, in the order of the
fit file. A journal that is there while no run holds it says that a run did not come to its end.

A product of several files is first a line that says that it is begun, for its files take their names one
after the other: what a killed run left of one is removed when the ledger is opened again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence

from render.files.output import Output
from render.record.earlier import Earlier, list_notes, read_all_begun, read_all_records
from render.record.journals import IS_WRITTEN, HeldJournals, part_from_whole, remove_shards
from render.record.manifest import format_manifest, journal_name, manifest_name, sort_records
from render.record.records import Record, format_begun, format_record, list_paths
from render.record.tags import find_tags
from render.types.products import STAGED


class Ledger(Earlier):
    """The records of one run, or of one shard of it, and those that runs before it left.

    Args:
        output: The folder.
        tag: Of the shard, nothing for the whole.
        known: For a shard all that others than this shard have noted of its products, read before; left out,
            it is read.

    Raises:
        OutputError: Another run is writing the same sheets, or the folder's records cannot be read.
    """

    def __init__(self, output: Output, tag: str = "", known: Iterable[Record] | None = None) -> None:
        self._output = output
        self._tag = tag
        self._done: dict[str, Record] = {}
        # Those of earlier runs that are in tars which this one has packed anew.
        self._moved: dict[str, Record] = {}
        # Products are finished by several threads.
        self._lock = threading.Lock()
        self._journals = HeldJournals(output, tag)
        try:
            if tag:
                part_from_whole(output)
            if self._journals.has_earlier:
                output.remove_temporaries(self._journals.tags)
            begun = read_all_begun(output, map(journal_name, self._journals.tags))
            super().__init__(output, self._read_earlier(known))
            # Files of earlier records, where that matters; see `begin`.
            noted = self.list_earlier() if output.has_whole_files else ()
            self._claimed = {path for record in noted for path in list_paths(record)}
            self._remove_halves(begun)
            # Begins a line of its own, whatever the last one has come to; and shows that there is room.
            self._journals.own.append(b"\n")
            self._journals.own.flush()
        except BaseException:
            self.abandon()
            raise

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def list_shard_records(self) -> list[Record]:
        """What the manifests of all shards say."""
        tags = filter(None, find_tags(self._output, manifest_name))
        found = read_all_records(self._output, map(manifest_name, tags))
        return [record for records in found.values() for record in records]

    def begin(self, product: str, paths: Sequence[str]) -> None:
        """Notes that the files of a product are about to take their names.

        It notes nothing of one file alone, whose content tells on the disk what became of it; elsewhere only
        where that file is of an earlier record. Files that wait to be packed are gone with the process there.

        Args:
            product: Its name.
            paths: Of its files, below the folder.

        Raises:
            OutputError: It cannot be noted.
        """
        has_whole_files = self._output.has_whole_files
        if len(paths) == 1 and not (has_whole_files and paths[0] in self._claimed):
            return
        listed = [*paths, *self._list_superseded(product, paths)]
        if has_whole_files:
            listed = [path for path in listed if not path.startswith(f"{STAGED}/")]
        if listed:
            line = format_begun(product, listed).encode()
            with self._lock:
                self._journals.own.append(line)
            self._journals.own.flush()

    def add(self, record: Record) -> None:
        """Notes a product whose files are there; those that only its earlier records have are removed.

        Raises:
            OutputError: It cannot be noted.
        """
        for path in self._list_superseded(record.product, list_paths(record)):
            self._output.remove(path)
        line = format_record(record).encode()
        with self._lock:
            self._done[record.product] = record
            self._journals.own.append(line)

    def list_homes(self) -> dict[str, list[str]]:
        """By tar, the products that earlier runs have noted as in it."""
        found: dict[str, list[str]] = {}
        for product, records in self._earlier.items():
            for tar in {record.tar for record in records} - {None}:
                found.setdefault(str(tar), []).append(product)
        return found

    def find_current(self, product: str) -> Record | None:
        """What is noted of a product and true, whether it is of this run or of an earlier one."""
        with self._lock:
            record = self._done.get(product) or self._moved.get(product)
        return record or next(filter(self.is_whole, self.list_records(product)), None)

    def foresee(self, records: Sequence[Record]) -> None:
        """Notes what will be true as soon as a tar has its name.

        As long as it has not, earlier records are true, and are taken because their files are whole.

        Raises:
            OutputError: It cannot be noted.
        """
        lines = "".join(map(format_record, records)).encode()
        with self._lock:
            self._journals.own.append(lines)
        self._journals.own.flush()

    def move(self, records: Sequence[Record]) -> None:
        """Takes what was foreseen for true."""
        with self._lock:
            for record in records:
                of_run = record.product in self._done
                (self._done if of_run else self._moved)[record.product] = record

    def keep(self, record: Record) -> None:
        """Counts a product in that an earlier run has finished."""
        with self._lock:
            self._done[record.product] = record

    def list_all(self) -> list[Record]:
        """The records that the manifest is going to have, in its order."""
        return sort_records([*self._done.values(), *self._list_others()])

    def close(self, is_finished: bool, takes_shards: bool) -> int:
        """Writes the manifest.

        Args:
            is_finished: The run came to its end, whether or not all sheets could be made, and its failures
                are written; else manifest and journal say that it did not.
            takes_shards: The run was of all that was divided into shards, so what they have noted is removed.

        Returns:
            How many of its records are of products that this run did not make.

        Raises:
            OutputError: The manifest cannot be written; the journal then keeps what it has.
        """
        others = list(self._list_others())
        content = format_manifest([*self._done.values(), *others], is_finished)
        # It must not be lost with the journal.
        self._output.write(manifest_name(self._tag), content, is_durable=True)
        if not is_finished:
            self._journals.own.empty()
        elif takes_shards:
            if any(find_tags(self._output, manifest_name)):
                self._journals.own.append(IS_WRITTEN)
                self._journals.own.flush()
            remove_shards(self._output)
            self._journals.remove()
        else:
            self._journals.own.remove()
        self._journals.close()
        return len(others)

    def fold(self) -> int:
        """Takes what shards have noted into the manifest of the whole, which says that it is not finished.

        Returns:
            How many records it has.

        Raises:
            OutputError: It cannot be written, or what it has taken cannot be removed; nothing is lost then.
        """
        records = list(self._list_others())
        content = format_manifest(records, is_finished=False)
        self._output.write(manifest_name(""), content, is_durable=True)
        remove_shards(self._output)
        self._journals.remove()
        self._journals.close()
        return len(records)

    def abandon(self) -> None:
        """Leaves everything to the next run, as if this one had been killed; nothing once it is closed."""
        self._journals.withdraw()

    def _read_earlier(self, known: Iterable[Record] | None) -> dict[str, list[Record]]:
        if known is None:
            return read_all_records(self._output, list_notes(self._output))
        found = self._read_own()
        for record in known:
            found.setdefault(record.product, []).append(record)
        return found

    def _read_own(self) -> dict[str, list[Record]]:
        return read_all_records(self._output, [manifest_name(self._tag), journal_name(self._tag)])

    def _remove_halves(self, paths: set[str]) -> None:
        """Removes files that were begun to change, other than those of products that are whole."""
        if not paths:
            return
        for records in self._earlier.values():
            for record in records:
                of_record = paths.intersection(list_paths(record))
                if of_record and self._has_lengths(record) and self._has_contents(record):
                    paths -= of_record
        for path in sorted(paths):
            self._output.remove(path)

    def _list_superseded(self, product: str, paths: Sequence[str]) -> list[str]:
        """Files that only earlier records of a product have."""
        earlier = {path for record in self.list_records(product) for path in list_paths(record)}
        return sorted(earlier.difference(paths))

    def _list_others(self) -> Iterator[Record]:
        """Records of products that are not of this run, as long as their files are there.

        A shard answers for its own manifest only.
        """
        earlier = self._earlier
        # `_earlier` has the records of all, for a product of another shard need not be drawn again.
        if self._tag:
            earlier = self._read_own()
        # Of a product of another name, whose file was one of theirs.
        taken = {(file.path, file.offset) for record in self._done.values() for file in record.files}
        yield from (record for product, record in self._moved.items() if product not in self._done)
        for product, listed in earlier.items():
            if product in self._done or product in self._moved:
                continue
            records = [one for one in listed if not _overlaps(one, taken)]
            # Of several, hashing tells which one the files are of; of one the lengths are enough.
            if len(records) == 1:
                yield from [record for record in records if self._has_lengths(record)]
            else:
                yield from [record for record in records if self.is_whole(record)][:1]


def _overlaps(record: Record, taken: set[tuple[str, int | None]]) -> bool:
    return any((file.path, file.offset) in taken for file in record.files)
