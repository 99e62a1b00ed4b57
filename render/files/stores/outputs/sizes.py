"""Lengths of objects, asked for by the page: a run that goes on looks at all that it has written."""

from __future__ import annotations

import threading
from collections import deque

from render.files.stores.outputs.objects import Objects

# The last pages that are kept, some 20 MB of names; the first ones, which are tried in any case; and how many
# names of a page must be asked for, so that it costs less than to ask for each.
MOST_PAGES, FIRST_PAGES, LEAST_HITS = 100, 8, 4


class Sizes:
    """What stores say of the lengths of objects.

    Names are mostly asked for about in the order in which a store lists them, as images of a data set follow
    one another: a page of a thousand answers for many. Where pages do not, such as for a shard that has one
    name in a hundred, each object is asked for by itself; and so is one that is on no page, before it is said
    not to be there. Threads ask at the same time.

    Args:
        objects: Where they are.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._known: dict[str, int] = {}
        self._pages: deque[list[str]] = deque()
        self._asked = self._hits = 0
        self._lock = threading.Lock()

    def find(self, name: str) -> int | None:
        """The length of an object in bytes; None where there is none.

        Raises:
            OutputError: The store cannot be asked.
        """
        with self._lock:
            if name not in self._known and self._are_worth_it():
                self._turn_page(name)
            elif name in self._known:
                self._hits += 1
            if name in self._known:
                return self._known[name]
        return self._objects.measure(name)

    def forget(self, name: str) -> None:
        """For an object that is written or removed."""
        with self._lock:
            self._known.pop(name, None)

    def _are_worth_it(self) -> bool:
        return self._asked < FIRST_PAGES or self._hits >= LEAST_HITS * self._asked

    def _turn_page(self, name: str) -> None:
        # Lists begin behind a name.
        page = self._objects.list_page(name[:-1])
        self._asked += 1
        self._known.update(page)
        self._pages.append([one for one, _ in page])
        if len(self._pages) > MOST_PAGES:
            for one in self._pages.popleft():
                self._known.pop(one, None)
