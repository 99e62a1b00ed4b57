"""A photo that is not there: what is there instead is named, with the settings that find it."""

import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from render.photos import listing
from render.photos.folder import PhotoDir
from render.photos.listing import Listings
from tests.helpers.advice import follow_advice

SHORT = "000000000009.jpg"


@pytest.fixture
def image_dir(tmp_path):
    """A folder with a name that needs quotes."""
    folder = tmp_path / "my photos: new"
    folder.mkdir()
    return folder


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"photo")


# Looked for, there, in what they differ.
RENAMED = [
    ("IMG_0001.jpg", "IMG_0001.JPG", "case"),
    ("IMG_0001.JPG", "IMG_0001.jpg", "case"),
    ("img_0001.jpg", "IMG_0001.jpg", "case"),
    ("IMG_0001.jpg", "img_0001.JPG", "case"),
    ("a/IMG_0001.jpg", "A/IMG_0001.JPG", "case"),
    ("im0001.jpg", "im0001.png", "extension"),
    ("im0001.png", "im0001.webp", "extension"),
    ("im0001.bmp", "im0001.TIF", "extension"),
    ("im0001.jpg", "im0001.jpeg", "extension"),
    ("im0001.jpg", "im0001.jpg.jpg", "extension"),
    ("Im0001.jpg", "im0001.png", "case and extension"),
    (f"COCO_train2014_{SHORT}", SHORT, "COCO's prefix"),
    (f"COCO_val2014_{SHORT}", SHORT, "COCO's prefix"),
    (SHORT, f"COCO_train2014_{SHORT}", "COCO's prefix"),
    ("000000131074.jpg", "COCO_val2014_000000131074.jpg", "COCO's prefix"),
    (f"train2014/COCO_train2014_{SHORT}", f"train2014/{SHORT}", "COCO's prefix"),
    (f"train2014/COCO_train2014_{SHORT}", SHORT, "folder and COCO's prefix"),
    ("a/b/im1.jpg", "im1.jpg", "folder"),
    ("a/b/im1.jpg", "b/im1.jpg", "folder"),
    ("my trip - 1.jpg", "my trip - 1.JPG", "case"),
    ("Day 2: beach (1), [x]=y.jpg", "day 2: beach (1), [x]=y.png", "case and extension"),
    ("v1.2-a.b.jpg", "V1.2-A.B.jpg", "case"),
    ("it's 1.jpg", "it's 1.png", "extension"),
]


@pytest.mark.parametrize(("name", "there", "how"), RENAMED)
def test_a_mapping_of_names_finds_the_photo(image_dir, name, there, how):
    put(image_dir, there, "other.jpg")
    said = PhotoDir(image_dir).advise(name)
    start = f"but {there} is there, which differs in {how}. Set dataset.rename_images="
    assert said.startswith(start)
    assert follow_advice(said, image_dir).find(name) == image_dir / there


def test_the_message_of_the_commonest_case(image_dir):
    put(image_dir, "IMG_0001.JPG")
    said = PhotoDir(image_dir).advise("IMG_0001.jpg")
    assert said == (
        "but IMG_0001.JPG is there, which differs in case. Set dataset.rename_images='{.jpg: .JPG}'"
    )


@pytest.mark.parametrize(
    "folder", ["train2014", "images", "coco/train2017", "my 'photos'", '"a" \\ b', "50%"]
)
@pytest.mark.parametrize("name", [SHORT, "sub/a.jpg"])
def test_another_folder_finds_the_photo(image_dir, folder, name):
    put(image_dir / folder, name)
    (image_dir / "empty").mkdir()
    said = PhotoDir(image_dir).advise(name)
    if "\\" in folder:
        assert said.startswith(f"but {folder}/{name} is there, which differs in folder. ")
    assert follow_advice(said, image_dir).find(name) == image_dir / folder / name


def test_the_message_about_another_folder(tmp_path):
    put(tmp_path / "train2014", "a.jpg")
    assert PhotoDir(tmp_path).advise("a.jpg") == (
        f"but train2014/a.jpg is there, which differs in folder. Set dataset.image_dir={tmp_path}/train2014"
    )


def test_a_folder_too_deep(image_dir):
    put(image_dir, "train2014/a.jpg", "val2014/a.jpg")
    deep = image_dir / "train2014"
    assert follow_advice(PhotoDir(deep).advise("train2014/a.jpg"), deep).has("train2014/a.jpg")
    # Not the photo of that name that lies here.
    said = PhotoDir(deep).advise("val2014/a.jpg")
    assert follow_advice(said, deep).find("val2014/a.jpg") == image_dir / "val2014" / "a.jpg"


def test_another_folder_and_another_name(image_dir):
    """COCO's photos of 2017, given the folder above them."""
    put(image_dir, f"train2017/{SHORT}", "val2017/000000000139.jpg")
    name = f"COCO_train2014_{SHORT}"
    said = PhotoDir(image_dir).advise(name)
    assert follow_advice(said, image_dir).find(name) == image_dir / "train2017" / SHORT


def test_what_is_replaced_already_goes_on_being_replaced(image_dir):
    put(image_dir, "0009.JPG")
    before = {"COCO_train2014_": "", "00000000": ""}
    said = PhotoDir(image_dir, before).advise(f"COCO_train2014_{SHORT}")
    assert follow_advice(said, image_dir).has(f"COCO_train2014_{SHORT}")


def test_replacements_that_lead_away_from_a_photo_that_is_there(image_dir):
    put(image_dir, "a.jpg")
    said = PhotoDir(image_dir, {".jpg": ".png"}).advise("a.jpg")
    assert said.startswith("but a.jpg is there, as the fit file has it. Take out of dataset.rename_images")


@pytest.mark.parametrize(
    ("name", "there", "how"),
    [
        ("Alice.jpg", "alice.jpg", "case"),
        ("IMG_0001.jpg", "IMG_1.jpg", "leading zeros"),
        ("im7.jpg", "im0007.png", "leading zeros and extension"),
        ("Käse_1.jpg", "käse_1.jpg", "case"),
        (*(unicodedata.normalize(form, "é1.jpg") for form in ("NFC", "NFD")), "Unicode form"),
        (*(unicodedata.normalize(form, "가1.jpg") for form in ("NFD", "NFC")), "Unicode form"),
        # The key would be replaced in the folder's name too.
        ("data/a1.jpg", "data/A1.jpg", "case"),
        # Keys that Hydra takes for numbers or cannot read.
        ("#a1.jpg", "#A1.jpg", "case"),
        ("9.jpg", "COCO_train2014_9.jpg", "COCO's prefix"),
        ("000000000009", SHORT, "extension"),
    ],
)
def test_names_that_no_mapping_finds(image_dir, name, there, how):
    put(image_dir, there)
    said = PhotoDir(image_dir).advise(name)
    assert said == f"but {there} is there, which differs in {how}. Rename the file"


@pytest.mark.parametrize("there", ["a2.jpg", "a1.txt", "part1/b/a1.jpg", "b1.jpg", ".a1.png", "xa1.jpg"])
def test_other_photos_are_not_named(image_dir, there):
    put(image_dir, there)
    assert PhotoDir(image_dir).advise("part0/a1.jpg") is None


def test_only_photos_are_named(image_dir, tmp_path):
    (image_dir / "a1.png").mkdir()
    (image_dir / "A1.jpg").touch()
    os.mkfifo(image_dir / "a1.JPG")
    put(image_dir, "a1\n.jpg", "a01.bmp")
    put(tmp_path, "secret.jpg")
    (image_dir / "a1.webp").symlink_to("../secret.jpg")
    (image_dir / "a1.jpg").symlink_to("a1.jpg.gone")
    said = PhotoDir(image_dir).advise("a1.jpg")
    assert said == "but a01.bmp is there, which differs in leading zeros and extension. Rename the file"


def test_the_nearest_is_named(image_dir):
    put(image_dir, "IMG_1.jpg", "img_0001.PNG", "img_0001.jpg", "sub/img_0001.png", "sub/other.jpg")
    assert PhotoDir(image_dir).advise("IMG_0001.jpg").startswith("but img_0001.jpg is there")
    assert (
        PhotoDir(image_dir).advise("img_0001.png").startswith(("but img_0001.PNG ", "but sub/img_0001.png "))
    )
    # A mask beside it is less likely the photo than the photo in another folder.
    assert PhotoDir(image_dir).advise("other.jpg").startswith("but sub/other.jpg is there")


def test_photos_that_are_there_and_folders_that_are_not(image_dir):
    put(image_dir, "a.jpg", "A.jpg")
    (image_dir / "b.jpg").touch()
    put(image_dir, "B.jpg")
    # The first is there; of the second it is said that it is empty.
    assert PhotoDir(image_dir).advise("a.jpg") is PhotoDir(image_dir).advise("b.jpg") is None
    for name in ("../a.jpg", "", "x\0.jpg", "a" * 3000, "x/" * 1500 + "a.png"):
        assert PhotoDir(image_dir / "sub").advise(name) is None
    assert PhotoDir(image_dir / "nowhere").advise("c.jpg") is None


# Work.


@pytest.fixture
def listed(monkeypatch):
    """The folders that were listed."""
    found, scan = [], os.scandir
    monkeypatch.setattr(listing.os, "scandir", lambda path: found.append(Path(path)) or scan(path))
    return found


def test_each_folder_is_listed_once(image_dir, listed):
    put(image_dir, "train/a.jpg", "val/a.jpg", *(f"im{number:04}.JPG" for number in range(50)))
    photo_dir = PhotoDir(image_dir)
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(photo_dir.advise, (f"im{number:04}.jpg" for number in range(2000))))
    assert [text is not None for text in said] == [True] * 50 + [False] * 1950
    assert sorted(listed) == [image_dir, image_dir / "train", image_dir / "val"]


def test_folders_are_few(image_dir, listed):
    for number in range(100):
        (image_dir / f"{number:03}" / "deep" / "deeper").mkdir(parents=True)
    put(image_dir, "000/deep/deeper/a.jpg", "001/a.jpg")
    said = PhotoDir(image_dir).advise("a.jpg")
    assert said.startswith("but 001/a.jpg is there")
    assert len(listed) < 100


@pytest.mark.parametrize("name", ["a1.png", "a1.JPG", SHORT, f"COCO_train2014_{SHORT}", "Sub/a2.jpg"])
def test_folders_too_large_to_be_listed_are_asked_for_a_few_names(image_dir, monkeypatch, listed, name):
    put(image_dir, "sub/a2.JPG", *(f"x{number}.txt" for number in range(30)))
    there = {"a1.png": "a1.jpg", "a1.JPG": "a1.jpg", SHORT: f"COCO_val2014_{SHORT}"}.get(name, SHORT)
    put(image_dir, there)
    monkeypatch.setattr(listing, "MOST_ENTRIES", 0)
    asked, stat = [], os.stat
    monkeypatch.setattr(os, "stat", lambda *args, **kwargs: asked.append(args) or stat(*args, **kwargs))
    said = PhotoDir(image_dir).advise(name)
    if name == "Sub/a2.jpg":
        assert said is None or SHORT not in said
    else:
        assert said.startswith(f"but {there} is there")
    assert len(listed) <= 2
    assert len(asked) < 1000


def test_entries_are_counted_over_all_folders(image_dir, monkeypatch):
    put(image_dir, *(f"a/{number}.jpg" for number in range(10)), *(f"b/{number}.jpg" for number in range(10)))
    monkeypatch.setattr(listing, "MOST_ENTRIES", 15)
    listings = Listings()
    found = [listings.list_folder(image_dir / name) for name in "aba"]
    assert [len(one.photos) for one in found] == [10, 5, 10]
    assert [one.is_whole for one in found] == [True, False, True]


def test_a_folder_that_cannot_be_listed_is_asked(image_dir, monkeypatch):
    put(image_dir, "a1.JPG")

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(listing.os, "scandir", refuse)
    assert PhotoDir(image_dir).advise("a1.jpg").startswith("but a1.JPG is there")


def test_a_folder_above_photos_that_are_told_by_the_names_of_fit_files(image_dir):
    """Results of ROMP and others name no photo: a name without an extension was found by no photo here."""
    put(image_dir, "photos/street.jpg")
    said = PhotoDir(image_dir).advise("street")
    assert follow_advice(said, image_dir).has("street.jpg")
