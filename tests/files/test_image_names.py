"""Image names: what leads away from the image folder, and what only looks as if it did."""

import pytest

from render.files.image_names import image_name_fault


@pytest.mark.parametrize("name", ["a:b.jpg", "Z:.jpg", "c:", "12:30.jpg", "sub/a:b.jpg"])
def test_a_colon_is_part_of_a_name(name):
    assert image_name_fault(name) is None


@pytest.mark.parametrize("name", ["/a.jpg", "C:/a.jpg", "C:\\a.jpg", "z:/"])
def test_absolute_paths(name):
    assert image_name_fault(name) == "an absolute path"
