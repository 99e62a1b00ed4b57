"""Runs with smooth edges: the same bytes however the work is shared, and as the library draws them."""

from tests.helpers.folders import sheets_below
from tests.helpers.runs import run


def test_the_same_bytes_in_any_batch_with_any_threads_and_in_shards(demo, tmp_path):
    words = [*demo, "samples=0:4", "people=together", "edges=smooth", "output=png", "device=cpu"]
    run(*words, f"output.dir={tmp_path}/one", "threads=1")
    run(*words, f"output.dir={tmp_path}/many", "threads=3", "batch=1")
    for shard in ("1/2", "2/2"):
        run(*words, f"output.dir={tmp_path}/shards", f"shard={shard}")
    one, many, shards = (sheets_below(tmp_path / name) for name in ("one", "many", "shards"))
    assert len(one) > 1
    assert one == many == shards
    run(*words, f"output.dir={tmp_path}/hard", "edges=hard")
    assert sheets_below(tmp_path / "hard") != one
