"""Names of photos, from paths of other machines and from the names of fit files."""

import pytest

from render.fits.image_paths import find_images, find_numbered, list_photos, name_frames, relative_name


@pytest.fixture
def image_dir(tmp_path):
    """A folder of photos, and a file beside it."""
    folder = tmp_path / "photos"
    for name in ("a.jpg", "train/a.jpg", "street.jpg", "street.png", "street_2.PNG", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (tmp_path / "secret.jpg").touch()
    return folder


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/somebody/data/train/a.jpg", "train/a.jpg"),
        ("/home/somebody/a.jpg", "a.jpg"),
        ("C:\\data\\train\\a.jpg", "train/a.jpg"),
        ("train/a.jpg", "train/a.jpg"),
        ("../data/train/a.jpg", "train/a.jpg"),
        # Not there: what the file says if it can be looked for, else the last part.
        ("val/b.jpg", "val/b.jpg"),
        ("/data/val/b.jpg", "b.jpg"),
        ("../secret.jpg", "secret.jpg"),
        ("", ""),
    ],
)
def test_the_longest_tail_that_is_there_is_the_name(image_dir, path, expected):
    assert relative_name(path, image_dir) == expected


def test_without_an_image_folder_only_the_last_part_is_sure():
    assert relative_name("/data/train/a.jpg", None) == "a.jpg"
    assert relative_name("train/a.jpg", None) == "train/a.jpg"


def test_paths_that_no_file_can_have_are_left_to_the_check_of_names(image_dir):
    assert relative_name("a/" * 5000, image_dir) == "a/" * 5000
    assert relative_name("/x\0y", image_dir) == "x\0y"


def test_a_file_is_of_the_photo_whose_name_its_own_begins_with(image_dir):
    stems = ["street_0", "street_2", "street_2_1", "street-person3", "street10", "nobody_0", ""]
    expected = ["street.jpg", "street_2.PNG", "street_2.PNG", "street.jpg", "street10", "nobody_0", ""]
    assert find_images(stems, image_dir) == expected


def test_names_of_megabytes_take_no_time(image_dir):
    # Each of its beginnings would be copied: hours.
    stem = "a" * 20_000_000
    assert find_images([stem], image_dir) == [stem]


def test_without_photos_a_file_is_of_its_own_name(tmp_path):
    assert find_images(["street_0"], None) == ["street_0"]
    assert find_images(["street_0"], tmp_path / "missing") == ["street_0"]


def test_frames_are_the_photos_of_the_folder_in_order(image_dir):
    # a.jpg, street.jpg, street.png, street_2.PNG; not the text, nor the photo in the folder below.
    assert name_frames([0, 3, 1], image_dir) == ["a.jpg", "street_2.PNG", "street.jpg"]
    assert name_frames([4, -1], image_dir) == ["000005.png", "000000.png"]
    assert name_frames([0, 7], None) == ["000001.png", "000008.png"]
    assert name_frames([0], image_dir / "missing") == ["000001.png"]


def test_photos_of_the_same_number(image_dir):
    for name in ("00007.jpg", "frame_0012.png", "12.jpg", "7.txt", "1234567890.png"):
        (image_dir / name).touch()
    assert find_numbered([7, 12, 2, 8], image_dir) == ["00007.jpg", "12.jpg", "street_2.PNG", "000008.png"]
    assert find_numbered([3], None) == ["000003.png"]


def test_frames_of_a_video_are_called_by_their_numbers(tmp_path):
    """Whatever the video is called; whether it has them is said by what decodes it."""
    (tmp_path / "walk").touch()
    assert name_frames([0, 12, 1_000_000], tmp_path / "walk") == ["000000", "000012", "1000000"]
    assert find_numbered([7], tmp_path / "walk") == ["000007"]


def test_photos_are_listed_in_the_order_of_names(tmp_path):
    for name in ("10.png", "2.PNG", "notes.txt", "1.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "below").mkdir()
    assert list_photos(tmp_path) == ["1.jpg", "10.png", "2.PNG"]
    assert list_photos(tmp_path / "none") == list_photos(None) == []
