"""A run that goes on asks a store for lengths by the page."""

import random

import pytest
from obstore.store import MemoryStore

from render.files.stores.outputs import sizes
from render.files.stores.outputs.objects import PAGE_NAMES, Objects
from render.files.stores.outputs.sizes import FIRST_PAGES, Sizes
from tests.helpers.stores import URL

COUNT = 4500


class Counted(Objects):
    """Objects of which it is counted how often they are asked for."""

    pages = heads = 0

    def list_page(self, name):
        self.pages += 1
        return super().list_page(name)

    def measure(self, name):
        self.heads += 1
        return super().measure(name)


@pytest.fixture(scope="module")
def store():
    store = MemoryStore()
    for number in range(COUNT):
        store.put(name_of(number), b"x" * (number % 97))
    return store


@pytest.fixture
def objects(store):
    return Counted(store, URL)


def name_of(number):
    return f"val/COCO_{number:012d}.jpg_{number}.jpg"


def test_all_in_order_cost_a_request_a_thousand(objects):
    found = Sizes(objects)
    assert [found.find(name_of(number)) for number in range(COUNT)] == [n % 97 for n in range(COUNT)]
    assert objects.heads == 0
    assert objects.pages == -(-COUNT // PAGE_NAMES)


def test_in_any_order_no_more_than_one_each(objects, monkeypatch):
    monkeypatch.setattr(sizes, "MOST_PAGES", 2)
    order = random.Random(0).sample(range(COUNT), 400)
    found = Sizes(objects)
    assert [found.find(name_of(number)) for number in order] == [number % 97 for number in order]
    assert objects.pages + objects.heads <= 400
    assert len(found._known) <= 2 * PAGE_NAMES


def test_what_is_not_there_is_asked_for_by_itself(objects):
    found = Sizes(objects)
    assert found.find("val/none.jpg") is None
    assert found.find("a") is None
    assert objects.heads == 2
    assert objects.pages <= FIRST_PAGES


def test_what_is_written_is_asked_for_again(store):
    objects = Counted(store, URL)
    found = Sizes(objects)
    assert found.find(name_of(5)) == 5
    objects.put(name_of(5), b"x" * 50)
    found.forget(name_of(5))
    assert found.find(name_of(5)) == 50
    objects.delete([name_of(5)])
    found.forget(name_of(5))
    assert found.find(name_of(5)) is None
    objects.put(name_of(5), b"x" * 5)
