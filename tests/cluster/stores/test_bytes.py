"""What a run writes to a store is, name by name and byte by byte, what it writes to the disk."""

import pytest

from render.record.merge import merge_shards
from render.run.command import main
from tests.cluster.stores.servers import BUCKET
from tests.helpers.folders import files_below
from tests.helpers.motion_set import make_motion_set
from tests.helpers.runs import run

pytestmark = pytest.mark.cluster

JOBS = {
    "sheets": (),
    "tars": ("output.tar=3",),
    "labels": ("job=labels", "layers=[iuv,instance]"),
    "labels in tars": ("job=labels", "layers=[instance]", "output.tar=2"),
    "audit": ("job=audit",),
    "meshes": ("job=meshes",),
}


@pytest.fixture
def both(bucket, reach, prefix, tmp_path):
    """Runs the same on the disk and on a store; gives what is there then."""
    reach(bucket.port)
    places = [str(tmp_path / "disk"), f"s3://{BUCKET}/{prefix}"]

    def both(do):
        reports = [do(place) for place in places]
        expected, found = files_below(tmp_path / "disk"), bucket.read_below(prefix)
        assert found.keys() == expected.keys()
        assert [name for name in expected if found[name] != expected[name]] == []
        return reports

    return both


@pytest.mark.parametrize("job", JOBS)
def test_a_run_and_one_that_goes_on(both, small, job):
    def do(place):
        return run(*small.settings, *JOBS[job], f"output.dir={place}")

    reports = both(do)
    assert reports[0].rendered == reports[1].rendered > 0
    again = both(do)
    assert [(one.rendered, one.kept) for one in again] == [(0, reports[0].rendered)] * 2


def test_clips(both, demo_set, tmp_path):
    moving = make_motion_set(demo_set.fit_file, tmp_path / "set", {"a": (5, range(5)), "b": (4, range(1, 4))})

    def do(place):
        return run(*moving.settings, "motion=sequence", "output=mp4", f"output.dir={place}")

    reports = both(do)
    assert [one.rendered for one in reports] == [2, 2]


@pytest.mark.parametrize("words", [(), ("output.tar=2",), ("job=labels", "layers=[instance]")])
def test_shards_and_their_merge(both, small, words):
    def do(place):
        for number in (3, 1, 2):
            run(*small.settings, *words, f"output.dir={place}", f"shard={number}/3")
        return merge_shards(place)

    assert both(do) == [3, 3]


def test_other_settings_replace_what_was_there(both, small):
    def do(place):
        run(*small.settings, f"output.dir={place}")
        # The second run's sets have a file less, which goes away.
        run(*small.settings, "job=labels", "layers=[iuv,instance]", f"output.dir={place}")
        run(*small.settings, "job=labels", "layers=[instance]", f"output.dir={place}")
        return run(*small.settings, "opacity=0.5", f"output.dir={place}")

    assert [one.rendered for one in both(do)] == [8, 8]


def test_what_failed_is_listed_beside_it(both, small):
    small.entries[3]["parm_pose"] = None
    small.save()
    (small.image_dir / "part0" / "demo_000002.jpg").unlink()
    reports = both(lambda place: run(*small.settings, f"output.dir={place}"))
    assert [(len(one.skipped), len(one.failed)) for one in reports] == [(1, 1)] * 2


def test_a_sheet_that_somebody_removed_is_drawn_again(bucket, reach, prefix, small):
    reach(bucket.port)
    words = [*small.settings, f"output.dir=s3://{BUCKET}/{prefix}"]
    run(*words)
    found = bucket.read_below(prefix)
    name = next(name for name in found if name.endswith(".jpg"))
    bucket.client.delete_object(Bucket=BUCKET, Key=f"{prefix}/{name}")
    again = run(*words)
    assert (again.rendered, again.kept) == (1, 7)
    assert bucket.read_below(prefix) == found


def test_several_processes_and_a_dry_run(both, small, bucket, prefix, capfd):
    def do(place):
        return run(*small.settings, "executor=processes", "workers=2", f"output.dir={place}")

    assert [one.rendered for one in both(do)] == [8, 8]
    before = bucket.read_below(prefix)
    words = [*small.settings, "dry_run=true", f"output.dir=s3://{BUCKET}/{prefix}"]
    assert main(words) == 0
    assert f"s3://{BUCKET}/{prefix}" in capfd.readouterr().out
    assert bucket.read_below(prefix) == before
