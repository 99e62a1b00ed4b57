"""Runs of labels that go on from what is there, in shards, and after a fault: the same bytes as one run."""

import json
import shutil

import cv2
import numpy as np
import pytest

from render.errors import ConfigError, OutputError, RenderError
from render.record.merge import merge_shards
from tests.helpers.manifests import PEOPLE, counts, photo, read_manifest, rows_of, truncate
from tests.helpers.runs import files_below
from tests.helpers.videos import make_video

pytestmark = pytest.mark.slow

SUFFIXES = [".instance.png", ".iuv.png", ".json"]


@pytest.fixture
def made(label, out):
    """All files of a run that came to its end."""
    assert counts(label()) == (PEOPLE, 0, 0)
    return files_below(out)


def test_nothing_is_made_twice(made, label, out):
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    assert counts(label()) == (0, PEOPLE, 0)
    assert files_below(out) == made
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.png")} == before


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("hurt", ["remove", "cut", "change"])
def test_a_product_that_is_not_whole_is_made_again(made, label, out, suffix, hurt):
    (path,) = out.rglob(f"*_3{suffix}")
    if hurt == "remove":
        path.unlink()
    elif hurt == "cut":
        truncate(path)
    else:
        path.write_bytes(path.read_bytes().replace(b"0", b"1"))
    assert counts(label()) == (1, PEOPLE - 1, 0)
    assert files_below(out) == made


def test_a_file_of_all_that_is_gone_or_damaged_is_made_again(made, label, out):
    (out / "annotations.json").write_text("{")
    (out / "densepose.jsonl").unlink()
    assert counts(label()) == (0, PEOPLE, 0)
    assert files_below(out) == made


def test_other_layers_leave_nothing_of_those_before(made, label, out, tmp_path):
    for words in (("layers=[instance]",), ("layers=[iuv, parts]",), ()):
        assert counts(label(*words)) == (PEOPLE, 0, 0)
        label(*words, into=tmp_path / f"anew{len(list(tmp_path.iterdir()))}")
        anew = max(tmp_path.glob("anew*"), key=lambda path: path.stat().st_ctime_ns)
        assert files_below(out) == files_below(anew)
    assert files_below(out) == made


def test_another_format_is_refused_and_removes_nothing(made, label, out):
    with pytest.raises(ConfigError, match=r"has files of another format already, such as .*png"):
        label("output=npz")
    assert files_below(out) == made


def test_shards_that_are_merged_are_one_run(made, label, tmp_path):
    folder = tmp_path / "shards"
    for number in (3, 1, 2):
        label(f"shard={number}/3", into=folder)
        assert not (folder / "annotations.json").exists()
    merge_shards(folder)
    assert files_below(folder) == made


def test_a_merge_reads_sidecars_as_they_are(label, tmp_path):
    folder = tmp_path / "shards"
    for number in (1, 2):
        label(f"shard={number}/2", into=folder)
    (path,) = folder.rglob("*_5.json")
    # As long as before.
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":7'))
    with pytest.raises(OutputError, match=r"_5\.json: version: expected the number 1, found the number 7"):
        merge_shards(folder)
    label("shard=2/2", into=folder)
    merge_shards(folder)
    assert len(json.loads((folder / "annotations.json").read_text())["annotations"]) == PEOPLE


def test_a_run_of_a_part_tells_of_all_that_is_there(made, label, out):
    """As its manifest does."""
    assert counts(label("samples=0:3")) == (0, 3, 0)
    assert files_below(out) == made


def test_label_sets_of_other_settings_are_not_annotated_with_these(made, label, out, tmp_path):
    """Two people of one photo were sets of their own before they are one together, and stay in the folder."""
    label("people=together")
    label("people=together", into=tmp_path / "anew")
    for name in ("annotations.json", "densepose.jsonl"):
        assert (out / name).read_bytes() == (tmp_path / "anew" / name).read_bytes()
    # What is no label set tells nothing of those that are there.
    before = (out / "annotations.json").stat().st_mtime_ns
    assert counts(label("job=meshes", "output=ply", "layers=[]", "samples=0:1")) == (1, 0, 0)
    assert (out / "annotations.json").stat().st_mtime_ns == before


def test_label_sets_in_tars_are_annotated_whatever_their_photos_are_called(small, label, out, tmp_path):
    """A dot and a space are others in the names of members."""
    for k, entry in enumerate(small.entries):
        name = f"a.b {k}.iuv.jpg"
        shutil.copy(photo(small, 0), small.image_dir / name)
        entry["imageName"] = name
    small.save()
    assert counts(label("output.tar=3")) == (PEOPLE, 0, 0)
    label(into=tmp_path / "plain")
    for name in ("annotations.json", "densepose.jsonl"):
        assert (out / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
    assert len(json.loads((out / "annotations.json").read_text())["annotations"]) == PEOPLE


def test_a_run_that_stops_at_a_fault_goes_on_when_that_is_mended(small, made, label, tmp_path):
    content = photo(small, 2).read_bytes()
    photo(small, 2).unlink()
    folder = tmp_path / "stopped"
    with pytest.raises(RenderError, match=r"row 4 .*there is no such photo.* on_error=stop"):
        label("on_error=stop", into=folder)
    assert not (folder / "annotations.json").exists()
    photo(small, 2).write_bytes(content)
    assert counts(label("on_error=stop", into=folder))[2] == 0
    assert files_below(folder) == made


def test_only_the_size_of_a_photo_makes_labels_again(small, made, label, out):
    path = photo(small, 0)
    picture = cv2.imread(str(path))
    cv2.imwrite(str(path), 255 - picture)
    assert counts(label()) == (0, PEOPLE, 0)
    cv2.imwrite(str(path), picture[:-8])
    assert counts(label()) == (2, PEOPLE - 2, 0)
    images = json.loads((out / "annotations.json").read_text())["images"]
    assert images[0]["height"] == picture.shape[0] - 8


def test_several_fit_files_are_counted_through(small, made, label, out, tmp_path):
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    for path, entries in zip(files, (small.entries[:3], small.entries[3:]), strict=True):
        path.write_text(json.dumps({"data": entries}))
    words = (f"dataset.fit_file={files[0]}", f"dataset.also=[{files[1]}]")
    assert counts(label(*words, into=tmp_path / "several")) == (PEOPLE, 0, 0)
    assert files_below(tmp_path / "several") == made
    assert rows_of(out) == list(range(PEOPLE))


def test_frames_of_a_video_stand_for_photos(small, label, out):
    for k, entry in enumerate(small.entries):
        entry["imageName"] = f"{k:06d}"
    small.save()
    video = make_video(small.image_dir.parent / "clip.mkv", list(np.zeros((PEOPLE, 128, 176, 3), np.uint8)))
    assert counts(label(f"dataset.image_dir={video}", "layers=[instance]")) == (PEOPLE, 0, 0)
    annotations = json.loads((out / "annotations.json").read_text())
    assert [(image["width"], image["height"]) for image in annotations["images"]] == [(176, 128)] * PEOPLE
    assert [image["id"] for image in annotations["images"]] == list(range(PEOPLE))
    assert counts(label(f"dataset.image_dir={video}", "layers=[instance]")) == (0, PEOPLE, 0)


@pytest.mark.parametrize("words", [("batch=1", "threads=1"), ("batch=3", "threads=4")])
def test_the_bytes_do_not_depend_on_batches_and_threads(made, label, tmp_path, words):
    label(*words, into=tmp_path / "other")
    assert files_below(tmp_path / "other") == made


def test_each_product_is_a_line_with_all_of_its_files(made, out):
    for entry in read_manifest(out):
        names = [file["name"] for file in entry["files"]]
        assert sorted(names) == sorted(entry["product"] + suffix for suffix in SUFFIXES)
        assert [file["bytes"] for file in entry["files"]] == [len(made[name]) for name in names]
