"""Stores that fail and stores that are slow cost retries and time, and never another byte."""

import time

import pytest

from render.errors import OutputError
from render.record.merge import merge_shards
from tests.cluster.stores.proxy import KINDS
from tests.cluster.stores.servers import BUCKET
from tests.helpers.folders import files_below
from tests.helpers.runs import run

pytestmark = pytest.mark.cluster


@pytest.fixture
def words(small, prefix):
    return [*small.settings, "job=labels", "layers=[iuv,instance]", f"output.dir=s3://{BUCKET}/{prefix}"]


@pytest.fixture
def expected(small, tmp_path):
    run(*small.settings, "job=labels", "layers=[iuv,instance]", f"output.dir={tmp_path / 'disk'}")
    return files_below(tmp_path / "disk")


@pytest.mark.parametrize("kind", KINDS)
def test_one_request_in_twenty_fails(bucket, proxy, reach, prefix, words, expected, kind):
    # A run of few requests: one in ten, so that some fail in each.
    faulty = proxy(bucket, share=0.1, kind=kind)
    reach(faulty.port)
    assert run(*words).rendered == 8
    assert faulty.failed > 3
    failed = faulty.failed
    assert bucket.read_below(prefix) == expected
    assert run(*words).kept == 8
    for number in (1, 2):
        run(*words, "opacity=0.5", f"shard={number}/2")
    merge_shards(f"s3://{BUCKET}/{prefix}")
    assert faulty.failed > failed
    reach(bucket.port)
    assert run(*words).rendered == 8
    assert bucket.read_below(prefix) == expected


def test_a_tar_in_parts_on_a_store_that_fails(moto, proxy, reach, prefix, small, tmp_path, monkeypatch):
    monkeypatch.setattr("render.files.stores.outputs.objects.PART_BYTES", 5 << 20)
    # Some megabytes a sheet.
    words = [*small.settings, "output=png", "size=1500x1500", "output.tar=8"]
    run(*words, f"output.dir={tmp_path / 'disk'}")
    expected = files_below(tmp_path / "disk")
    assert len(expected["000000.tar"]) > 12 << 20
    faulty = proxy(moto, share=0.2, kind="503")
    reach(faulty.port)
    run(*words, f"output.dir=s3://{BUCKET}/{prefix}")
    assert faulty.failed > 3
    assert moto.read_below(prefix) == expected


def test_a_slow_store(bucket, proxy, reach, prefix, words, expected):
    slow = proxy(bucket, delay_s=0.1)
    reach(slow.port)
    begun = time.monotonic()
    assert run(*words).rendered == 8
    # It has waited for all of it, and not for one after the other alone.
    assert time.monotonic() - begun > 0.1 * 10
    assert bucket.read_below(prefix) == expected


def test_a_store_that_is_not_there_is_said(reach, small, moto, monkeypatch, caplog):
    monkeypatch.setattr("render.files.stores.open.MOST_RETRIES", 1)
    words = [*small.settings, "output.dir=s3://not-there/out"]
    reach(moto.port)
    from render.errors import OutputError

    with pytest.raises(
        OutputError, match=r"s3://not-there/out/\.probe: cannot be written: there is no such bucket"
    ):
        run(*words)
    reach(1)
    with pytest.raises(OutputError, match=r"cannot be written: .*nothing answers there"):
        run(*words)
    assert "TESTS" not in caplog.text
