"""Photos and fits on a real server of S3: the bytes of the disk, and what changes there is drawn again."""

import zipfile

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.helpers.folders import files_below
from tests.helpers.manifests import PEOPLE, counts
from tests.helpers.small_runs import draw, out, small

__all__ = ["draw", "out", "small"]

pytestmark = pytest.mark.cluster


@pytest.fixture
def bucket(monkeypatch, tmp_path):
    """A bucket of its own, to which the environment leads."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for key, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }.items():
        monkeypatch.setenv(key, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="photos")
    yield client
    server.stop()


def sheets(folder):
    return {name: content for name, content in files_below(folder).items() if name != "manifest.jsonl"}


def test_photos_fits_and_archives_on_s3_give_the_bytes_of_the_disk(bucket, draw, small, out, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, content in files_below(small.image_dir).items():
            bucket.put_object(Bucket="photos", Key=f"coco/train 2014/{name}", Body=content)
            archive.writestr(f"train2014/{name}", content)
    bucket.upload_file(str(tmp_path / "a.zip"), "photos", "coco/train2014.zip")
    bucket.upload_file(str(small.fit_file), "photos", "fits/fits.json")
    assert counts(draw()) == (PEOPLE, 0, 0)
    expected = sheets(out)
    for k, place in enumerate(["'s3://photos/coco/train 2014/'", "s3://photos/coco/*.zip"]):
        into = tmp_path / f"out{k}"
        there = [f"dataset.image_dir={place}", "dataset.fit_file=s3://photos/fits/fits.json"]
        assert counts(draw(*there, into=into)) == (PEOPLE, 0, 0)
        assert sheets(into) == expected
        assert counts(draw(*there, into=into)) == (0, PEOPLE, 0)


def test_an_object_that_changes_is_drawn_again_and_one_that_is_gone_fails(bucket, draw, small, out):
    for name, content in files_below(small.image_dir).items():
        bucket.put_object(Bucket="photos", Key=name, Body=content)
    there = "dataset.image_dir=s3://photos/"
    assert counts(draw(there)) == (PEOPLE, 0, 0)
    first, last = small.entries[0]["imageName"], small.entries[-1]["imageName"]
    of_first, of_last = (sum(entry["imageName"] == name for entry in small.entries) for name in (first, last))
    bucket.put_object(Bucket="photos", Key=first, Body=(small.image_dir / first).read_bytes() + b"\0")
    bucket.delete_object(Bucket="photos", Key=last)
    assert counts(draw(there)) == (of_first, PEOPLE - of_first - of_last, of_last)
    assert f"s3://photos/{last}: there is no such photo" in (out / "failures.csv").read_text()
