"""Settings that travel to machines with another current folder."""

import os
from pathlib import Path

import pytest

from render.config import checks
from render.config.groups import BODY_FILES
from render.run.engines.cluster.paths import make_absolute
from tests.helpers.runs import configure


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def list_paths(config) -> dict[str, str]:
    """All settings that are paths: those that are made whole when they stand for a home folder."""
    found: dict[str, str] = {}

    def note(key: str, path: str) -> str:
        found[key] = path
        return checks.expand_path(key, path)

    with pytest.MonkeyPatch.context() as patch:
        for module in ("dataset", "groups", "schema"):
            patch.setattr(f"render.config.{module}.expand_path", note)
        make_absolute(config)
    return found


def test_every_path_that_is_here_becomes_whole(here):
    names = ("fits", "photos", "coco", "parts", "body", "charts", "uv.npz", "texture", "colors", "model")
    for name in (*names, "other", "joints"):
        (here / name).touch()
    config = configure(
        *("dataset=eft", "dataset.fit_file=fits", "dataset.also=[fits]", "dataset.image_dir=photos"),
        *("dataset.coco_file=coco", "dataset.segmentation_dir=parts"),
        *(
            "body.path=body",
            "body.charts=charts",
            "body.uv=uv.npz",
            "body.texture=texture",
            "body.colors=colors",
        ),
        *("body.files={smplx: model}", "reference=other", "joint_regressor=joints", "output.dir=made/later"),
        "job=compare",
    )
    found = list_paths(config)
    assert len(found) >= 13
    # The models that nobody has chosen are not there.
    relative = {
        key.removeprefix("body.files."): path for key, path in found.items() if not os.path.isabs(path)
    }
    assert relative.items() <= BODY_FILES.items()
    assert make_absolute(config).output.dir == str(here / "made" / "later")


def test_what_is_not_here_is_looked_for_there(here):
    words = ("dataset=eft", "dataset.fit_file=elsewhere.json", "dataset.image_dir=null", "body=demo")
    config = make_absolute(configure(*words))
    assert config.dataset.fit_file == "elsewhere.json"
    # It comes with the package.
    assert not os.path.isabs(config.body.path)


def test_urls_stay_as_they_are(here):
    config = make_absolute(configure("output.dir=s3://bucket/sheets"))
    assert config.output.dir == "s3://bucket/sheets"


def test_the_demo_set_is_made_where_the_driver_is(here):
    assert make_absolute(configure("dataset.root=demo")).dataset.root == str(here / "demo")
