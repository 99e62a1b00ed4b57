"""The journals that a run holds: its own, and for a run of the whole those of all shards."""

from __future__ import annotations

from render.files.output import Journal, Output, Readable
from render.record.failures import remove_failures_of_shards
from render.record.manifest import journal_name, manifest_name
from render.record.tags import find_tags

# The end of a journal whose run has written manifest and failures of the whole, and has only to remove those
# of the shards.
IS_WRITTEN = b'"written"\n'


class HeldJournals:
    """Opens the journals, which nobody else has until they are closed.

    Args:
        output: The folder.
        tag: Of the shard, nothing for the whole.

    Raises:
        OutputError: Another run has one of them, or one cannot be opened.
    """

    def __init__(self, output: Output, tag: str) -> None:
        self._tag = tag
        self._journals: dict[str, Journal] = {}
        try:
            self._journals[tag] = output.open_journal(journal_name(tag))
            for other in find_tags(output, journal_name) if not tag else ():
                if other:
                    self._journals[other] = output.open_journal(journal_name(other))
        except BaseException:
            self.withdraw()
            raise

    @property
    def own(self) -> Journal:
        """That of the run."""
        return self._journals[self._tag]

    @property
    def tags(self) -> list[str]:
        """The tags of all of them."""
        return list(self._journals)

    @property
    def has_earlier(self) -> bool:
        """Whether one is of a run that did not come to its end."""
        return any(journal.was_there for journal in self._journals.values())

    def remove(self) -> None:
        """Removes all of them, the own one last: it tells of all that is left to do."""
        for journal in reversed(self._journals.values()):
            journal.remove()

    def close(self) -> None:
        """Lets others have them."""
        for journal in self._journals.values():
            journal.close()
        self._journals.clear()

    def withdraw(self) -> None:
        """Closes them as if they had never been, if nothing was noted."""
        for journal in self._journals.values():
            journal.withdraw()
        self._journals.clear()


def was_written(place: Readable) -> bool:
    """Whether a run or a merge of the whole was killed with nothing left but to remove what shards noted."""
    try:
        # Who opens it begins a line.
        return place.read_end(journal_name(""), 64).rstrip(b"\n").endswith(IS_WRITTEN.rstrip(b"\n"))
    except OSError:
        return False


def part_from_whole(output: Output) -> None:
    """For a shard: ends a merge that was killed, and makes sure that no run of the whole is under way.

    Raises:
        OutputError: One is, or nothing can be written.
    """
    if was_written(output):
        # Or the next merge would take for granted what shards note from now on.
        whole = output.open_journal(journal_name(""), waits=True)
        if was_written(output):
            remove_shards(output)
            whole.remove()
        whole.withdraw()
    output.make_sure_nobody_has(journal_name(""))


def remove_shards(output: Output) -> None:
    """Removes manifests and failures of shards, when those of the whole are written.

    Raises:
        OutputError: They cannot be removed.
    """
    for tag in filter(None, find_tags(output, manifest_name)):
        output.remove(manifest_name(tag))
    remove_failures_of_shards(output)
