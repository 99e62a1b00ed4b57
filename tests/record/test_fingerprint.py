"""Which settings shape pixels, and which do not: what others would draw otherwise is drawn again."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from render.config.schema import Config
from render.record.fingerprint import Fingerprint
from render.registry import Registry
from render.resources import DEMO_BODY_FILE
from tests.helpers.runs import configure

# For each setting a value that is not the default one. A new setting must be put into one of the two lists.
SHAPING = {
    "people": "people=together",
    "panels": "panels=[camera/normal]",
    "background": "background=white",
    "annotate": "annotate=[bbox]",
    "size": "size=100x100",
    "opacity": "opacity=0.5",
    "supersample": "supersample=2",
    "columns": "columns=1",
    "frames": "frames=2",
    "output": "output.quality=50",
}
SHAPELESS = {
    "samples": "samples=0",
    "device": "device=cpu",
    "batch": "batch=1",
    "threads": "threads=1",
    "shard": "shard=1/2",
    "on_error": "on_error=stop",
    "damaged_photos": "damaged_photos=draw",
    # What it is counts, by its files' content and by who is on the sheets, not what it is called.
    "dataset": "dataset.count=13",
    "body": "body.name=other",
    # It names panels, which count as they are understood.
    "job": "job.name=other",
    # The one that draws counts, whatever chose it.
    "rasterizer": "rasterizer=warp",
}


def settings_hash(*words: str) -> str:
    words = ("output=gif", *words) if "frames=2" in words else words
    return Fingerprint(configure(*words), "warp", DEMO_BODY_FILE, None, {}).settings


def test_every_setting_is_known_to_shape_pixels_or_not():
    names = {field.name for field in fields(Config)}
    assert SHAPING.keys() | SHAPELESS.keys() == names
    assert not SHAPING.keys() & SHAPELESS.keys()


@pytest.mark.parametrize("word", SHAPING.values(), ids=SHAPING)
def test_these_settings_shape_pixels(word):
    assert settings_hash(word) != settings_hash()


@pytest.mark.parametrize("word", SHAPELESS.values(), ids=SHAPELESS)
def test_these_settings_do_not(word):
    assert settings_hash(word) == settings_hash()


def test_where_sheets_go_does_not_shape_them():
    assert settings_hash("output.dir=elsewhere") == settings_hash()


def test_the_order_of_panels_and_what_they_stand_for_count_not_how_they_are_written():
    assert settings_hash("panels=[camera/geo, side/geo]") == settings_hash(
        "panels=[camera/geo/photo,side/geo/white]"
    )
    assert settings_hash("panels=[side/geo, camera/geo]") != settings_hash("panels=[camera/geo, side/geo]")


def test_the_rasterizer_that_draws_and_the_files_of_the_body_count(tmp_path: Path):
    config, other = configure(), tmp_path / "body.npz"
    other.write_bytes(b"another body")
    hashes = {
        Fingerprint(config, rasterizer, body, charts, {}).settings
        for rasterizer, body, charts in (
            ("warp", DEMO_BODY_FILE, None),
            ("pytorch3d", DEMO_BODY_FILE, None),
            ("warp", other, None),
            ("warp", DEMO_BODY_FILE, other),
        )
    }
    assert len(hashes) == 4


def test_a_new_version_of_another_package_draws_anew(monkeypatch):
    """What it adds is its own; only its version tells that it may draw otherwise now."""
    config = configure()
    before = Fingerprint(config, "warp", DEMO_BODY_FILE, None, {}).settings
    hashes = []
    for version in ("1.0", "2.0"):
        monkeypatch.setattr(Registry, "identify", lambda registry, name, version=version: f"extras {version}")
        hashes.append(Fingerprint(config, "warp", DEMO_BODY_FILE, None, {}).settings)
    assert len({before, *hashes}) == 3


def test_the_hash_is_the_same_for_equal_settings():
    config = configure("panels=[camera/geo]")
    same = replace(config, panels=["camera/geo"])
    first, second = (Fingerprint(one, "warp", DEMO_BODY_FILE, None, {}) for one in (config, same))
    assert first.settings == second.settings
