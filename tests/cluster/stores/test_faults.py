"""Stores that fail and stores that are slow cost retries and time, and never another byte."""

import random
import time

import pytest

from render.errors import OutputError
from render.files.stores.output import open_output
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


def test_a_large_file_in_parts_on_a_store_that_fails(bucket, proxy, reach, prefix, monkeypatch):
    # The least that S3 takes.
    monkeypatch.setattr("render.files.stores.outputs.objects.PART_BYTES", 5 << 20)
    content = random.Random(0).randbytes(23 << 20)
    faulty = proxy(bucket, share=0.3, kind="503")
    reach(faulty.port)
    with open_output(f"s3://{BUCKET}/{prefix}").create("000000.tar") as file:
        file.write(content)
    assert faulty.failed > 2
    assert sum("partNumber" in key for key in faulty.puts) >= 5
    assert bucket.read_below(prefix) == {"000000.tar": content}


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
    with pytest.raises(
        OutputError, match=r"s3://not-there/out/\.probe: cannot be written: there is no such bucket"
    ):
        run(*words)
    reach(1)
    with pytest.raises(OutputError, match=r"cannot be written: .*nothing answers there"):
        run(*words)
    assert "TESTS" not in caplog.text
