"""Sheets become files of their format, frame by frame where it is one of clips."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from render.errors import OutputError, SheetError
from render.files.output_dir import OutputDir
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.types.sheets import Sheet
from render.write.format import FORMATS
from render.write.products import ProductWriter
from render.write.writer import SheetWriter
from tests.helpers.clips import decode_pillow


def make_sheet(frames: int = 1) -> Sheet:
    panel = parse_panel("side/geo")
    return lay_out_sheet("sub/name_3", None, (8, 6), (panel,), (0,), columns=1, free_hw=(8, 6), frames=frames)


def test_a_sheet_becomes_the_file_of_its_name(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    SheetWriter(ProductWriter(OutputDir(tmp_path)), "png", {}).write(make_sheet(), pixels)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "sub" / "name_3.png"]
    np.testing.assert_array_equal(cv2.imread(str(tmp_path / "sub" / "name_3.png"))[..., ::-1], pixels)


def test_the_frames_of_a_clip_lie_one_below_the_other(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (5, 8, 6, 3), dtype=np.uint8)
    SheetWriter(ProductWriter(OutputDir(tmp_path)), "webp", {"fps": 25}).write(
        make_sheet(5), frames.reshape(40, 6, 3)
    )
    decoded, durations = decode_pillow((tmp_path / "sub" / "name_3.webp").read_bytes())
    np.testing.assert_array_equal(decoded[..., :3], frames)
    assert sum(durations) == 200


def test_options_of_the_format_are_passed_on(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    for quality in (10, 90):
        SheetWriter(ProductWriter(OutputDir(tmp_path / f"{quality}")), "jpg", {"quality": quality}).write(
            make_sheet(), pixels
        )
        expected = bytes(FORMATS.load("jpg").encode(pixels, quality=quality))
        assert (tmp_path / f"{quality}" / "sub" / "name_3.jpg").read_bytes() == expected


def test_formats_of_layers_write_no_sheets(tmp_path):
    with pytest.raises(ValueError, match="output: npz holds no pictures"):
        SheetWriter(OutputDir(tmp_path), "npz", {})


def test_a_sheet_that_cannot_be_encoded_leaves_no_file(tmp_path):
    with pytest.raises(SheetError, match="too many for jpg"):
        SheetWriter(ProductWriter(OutputDir(tmp_path)), "jpg", {"quality": 95}).write(
            make_sheet(), np.zeros((1, 70_000, 3), np.uint8)
        )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_which_nothing_can_be_written_is_no_fault_of_the_sheet(tmp_path: Path):
    writer = SheetWriter(ProductWriter(OutputDir(tmp_path)), "png", {})
    (tmp_path / "sub").write_text("in the way")
    with pytest.raises(OutputError, match="is a file where a folder is needed"):
        writer.write(make_sheet(), np.zeros((8, 6, 3), np.uint8))
