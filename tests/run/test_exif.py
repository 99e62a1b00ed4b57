"""Photos that are turned by EXIF: the format of the fits or a setting says whether a run turns them."""

import struct

import numpy as np
import pytest
from PIL import Image

from render.errors import ConfigError
from render.fits.build import assemble, make_poses, merge_sources
from render.fits.cameras import pinhole
from render.record.fingerprint import Fingerprint
from render.resources import DEMO_BODY_FILE
from render.run.opening.inputs import open_dataset
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
    "panels", [["panels=[camera/geo]"], ["panels=[side/geo]", "size=photo"]], ids=["its pixels", "its size"]
)
def test_exif_is_ignored_where_the_setting_says_so(small, draw, out, tmp_path, panels):
    draw(*panels, "samples=0:3", into=tmp_path / "before")
    for path in (small.image_dir / "part0").iterdir():
        turn_by_exif(path, 6)
    assert counts(draw(*panels, "samples=0:3", "dataset.exif=ignore")) == (3, 0, 0)
    assert sheets_below(out) == sheets_below(tmp_path / "before")
    # What was drawn with EXIF ignored is not kept by a run that applies it, and the other way round.
    assert counts(draw(*panels, "samples=0:3")) == (3, 0, 0)
    assert sheets_below(out) != sheets_below(tmp_path / "before")
    assert counts(draw(*panels, "samples=0:3", "dataset.exif=apply")) == (0, 3, 0)
    assert counts(draw(*panels, "samples=0:3", "dataset.exif=ignore")) == (3, 0, 0)


def make_fits(*formats):
    """One person of each format."""
    rotmat = np.tile(np.eye(3), (1, 24, 1, 1))
    poses = make_poses("smpl", rotmat, np.zeros((1, 10)))
    cameras = pinhole([500.0], [[32, 32]], [[0, 0, 5]], is_metric=True)
    return merge_sources(
        [assemble(name, ["a.jpg"], poses, cameras, row=np.array([k])) for k, name in enumerate(formats)]
    )


@pytest.mark.parametrize(("fit_format", "ignores"), [("eft", False), ("camerahmr", True)])
@pytest.mark.parametrize("setting", ["format", "apply", "ignore"])
def test_the_format_decides_unless_the_setting_does(fit_format, ignores, setting):
    dataset = open_dataset(configure(*FILES, f"dataset.exif={setting}").dataset)
    expected = ignores if setting == "format" else setting == "ignore"
    assert dataset.open_photos(make_fits(fit_format)).ignores_exif == expected


def test_formats_that_disagree_need_the_setting():
    fits = make_fits("eft", "camerahmr")
    with pytest.raises(ConfigError, match=r"numbers of camerahmr are .* those of eft are not;"):
        open_dataset(configure(*FILES).dataset).open_photos(fits)
    for setting, expected in (("apply", False), ("ignore", True)):
        dataset = open_dataset(configure(*FILES, f"dataset.exif={setting}").dataset)
        assert dataset.open_photos(fits).ignores_exif == expected


def test_ignored_exif_is_part_of_what_shapes_a_sheet():
    config = configure(*FILES)
    hashes = [
        Fingerprint(config, "warp", [DEMO_BODY_FILE], None, {}, ignores_exif).settings
        for ignores_exif in (False, True)
    ]
    assert hashes[0] != hashes[1]
    assert hashes[0] == Fingerprint(config, "warp", [DEMO_BODY_FILE], None, {}).settings


def test_another_word_is_refused():
    with pytest.raises(
        ConfigError, match=r"dataset\.exif: expected one of format, apply, ignore, found 'yes'"
    ):
        configure(*FILES, "dataset.exif=yes")
