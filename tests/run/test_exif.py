"""Photos that are turned by EXIF: the format of the fits or a setting says whether a run turns them."""

import dataclasses
import struct

import pytest
from PIL import Image

from render.errors import ConfigError
from render.fits.reader import READERS
from render.record.fingerprint import Fingerprint
from render.resources import DEMO_BODY_FILE
from render.run.inputs import open_dataset
from tests.helpers.folders import sheets_below
from tests.helpers.manifests import counts
from tests.helpers.runs import configure

FILES = ("dataset=eft", "dataset.fit_file=a.json", "dataset.image_dir=b")
ORIENTATION = 0x0112


def turn_by_exif(path, orientation):
    """The same picture, of which its EXIF data say that it is stored sideways."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    segment, content = exif.tobytes(), path.read_bytes()
    length = struct.pack(">H", len(segment) + 2)
    path.write_bytes(content[:2] + b"\xff\xe1" + length + segment + content[2:])


@pytest.mark.parametrize(
    "panels", ["panels=[camera/geo]", "panels=[side/geo]"], ids=["its pixels", "its size"]
)
def test_exif_is_ignored_where_the_setting_says_so(small, draw, out, tmp_path, panels):
    draw(panels, "samples=0:3", into=tmp_path / "before")
    for path in (small.image_dir / "part0").iterdir():
        turn_by_exif(path, 6)
    assert counts(draw(panels, "samples=0:3", "dataset.exif=ignore")) == (3, 0, 0)
    assert sheets_below(out) == sheets_below(tmp_path / "before")
    # What was drawn with EXIF ignored is not kept by a run that applies it, and the other way round.
    assert counts(draw(panels, "samples=0:3")) == (3, 0, 0)
    assert sheets_below(out) != sheets_below(tmp_path / "before")
    assert counts(draw(panels, "samples=0:3", "dataset.exif=apply")) == (0, 3, 0)
    assert counts(draw(panels, "samples=0:3", "dataset.exif=ignore")) == (3, 0, 0)


@pytest.mark.parametrize("format_ignores", [False, True])
@pytest.mark.parametrize("setting", ["format", "apply", "ignore"])
def test_the_format_decides_unless_the_setting_does(monkeypatch, format_ignores, setting):
    changed = dataclasses.replace(READERS.load("eft"), ignores_exif=format_ignores)
    monkeypatch.setattr("render.fits.formats.eft.FORMAT", changed)
    dataset = open_dataset(configure(*FILES, f"dataset.exif={setting}").dataset)
    expected = format_ignores if setting == "format" else setting == "ignore"
    assert dataset.ignores_exif == dataset.open_photos().ignores_exif == expected


def test_ignored_exif_is_part_of_what_shapes_a_sheet():
    config = configure(*FILES)
    hashes = [
        Fingerprint(config, "warp", DEMO_BODY_FILE, None, {}, ignores_exif).settings
        for ignores_exif in (False, True)
    ]
    assert hashes[0] != hashes[1]
    assert hashes[0] == Fingerprint(config, "warp", DEMO_BODY_FILE, None, {}).settings


def test_another_word_is_refused():
    with pytest.raises(
        ConfigError, match=r"dataset\.exif: expected one of format, apply, ignore, found 'yes'"
    ):
        configure(*FILES, "dataset.exif=yes")
