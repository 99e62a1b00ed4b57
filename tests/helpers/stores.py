"""Object stores in the memory of the tests."""

from obstore.store import MemoryStore

from render.files.stores.outputs.objects import Objects
from render.files.stores.outputs.output import StoreOutput
from render.files.stores.urls import StoreUrl

URL = StoreUrl("s3", "bucket", "some/prefix")


def open_in_memory(store: MemoryStore) -> StoreOutput:
    """What is written there comes to this store, under the names alone."""
    return StoreOutput(Objects(store, URL))


def objects_in(store: MemoryStore) -> dict[str, bytes]:
    """All objects by name."""
    return {meta["path"]: bytes(store.get(meta["path"]).bytes()) for page in store.list() for meta in page}
