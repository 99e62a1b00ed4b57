"""Every shipped configuration composes, and what is wrong is refused with its key's name."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from render.annotate import ANNOTATIONS
from render.config.help import build_help
from render.config.load import load_config, register_schemas
from render.config.schema import Config, DemoDataset, FilesDataset
from render.errors import ConfigError
from render.fits.samples import parse_samples
from render.shade.mode import MODES
from render.sheet.backgrounds import BACKGROUNDS
from render.sheet.panels import PanelSpec, parse_panel
from render.sheet.view import VIEWS
from render.types.sheets import Viewpoint

CONF = Path(__file__).parents[2] / "conf"
FILES = ["dataset.fit_file=a.json", "dataset.image_dir=b"]


def composed(*overrides: str):
    register_schemas()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("config", overrides=list(overrides))


def names(group: str) -> list[str]:
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


@pytest.mark.parametrize("dataset", names("dataset"))
@pytest.mark.parametrize("output", names("output"))
def test_shipped_configurations_compose(dataset, output):
    files = [] if dataset == "demo" else FILES
    config = load_config(composed(f"dataset={dataset}", f"output={output}", *files))
    assert config.output.dir == f"outputs/{dataset}/overlay"
    assert isinstance(config.dataset, DemoDataset if dataset == "demo" else FilesDataset)
    assert config.body.name == ("demo" if dataset == "demo" else "smpl")


@pytest.mark.parametrize("job", names("job"))
@pytest.mark.parametrize("body", names("body"))
def test_jobs_and_bodies_compose(job, body):
    config = load_config(composed(f"job={job}", f"body={body}"))
    assert config.panel_specs()
    assert (config.job.name, config.body.name) == (job, body)


def test_default_is_the_demo_overlay():
    config = load_config(composed())
    assert config.panel_specs() == (
        PanelSpec(Viewpoint("camera"), "geo", "photo"),
        PanelSpec(Viewpoint("side", 90, 20), "geo", "white"),
    )


def test_the_spelling_of_the_readme():
    config = load_config(
        composed(
            "dataset=coco2014_part",
            "dataset.image_dir=/data/coco/train2014",
            "samples=0:100",
            "panels=[camera/geo, side/geo]",
            "device=cuda",
        )
    )
    assert (config.samples, config.device) == ("0:100", "cuda")
    assert config.dataset.fit_file == "eft_fit/COCO2014-Part-ver01.json"


@pytest.mark.parametrize(
    "override",
    ["batchsize=3", "batch=many", "output.qualty=3", "dataset=coco", "dataset.count=x"],
)
def test_unknown_keys_and_wrong_types_are_refused(override):
    with pytest.raises((HydraException, OmegaConfBaseException), match=override.split("=")[0].split(".")[-1]):
        composed(override)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("batch=0", "batch: expected 1 to 4096, found 0"),
        ("threads=-1", "threads: expected 0 to"),
        ("output.quality=101", "output.quality: expected 1 to 100, found 101"),
        ("dataset.count=0", "dataset.count: expected 1 to"),
        ("dataset.seed=-1", "dataset.seed: expected 0 to"),
        ("device=gpu", "device: expected auto, cpu, cuda or cuda:N, found 'gpu'"),
        ("samples=first", "samples: expected all, an index, or start:stop"),
        ("samples=0:9:0", "samples: expected"),
        ("panels=[]", "panels: expected at least one"),
        ("panels=[camera]", "panels: expected view/mode"),
        ("panels=[camera/gio]", "no mode 'gio'; did you mean 'geo'?.* There are: .*geo"),
        ("panels=[front/geo]", "no view 'front'.* There are: camera, crop"),
        ("panels=[camera/geo/blue]", "no background 'blue'.* There are: photo, transparent"),
        ("panels=[camera/iuv/photo]", "iuv holds labels, whose background is black"),
        ("panels=[camera/iuv]", "iuv holds labels, and jpg would change them; use png or webp"),
        ("panels=[camera/mask]", "mask holds labels, and jpg would change them"),
        ("panels=[camera/geo/transparent]", "jpg has no transparency; use one of png"),
        ("background=transparent", "jpg has no transparency"),
        ("background=blue", "background: no background 'blue'"),
        ("panels=[camera:3/geo]", "the view 'camera' is written camera, found 'camera:3'"),
        ("panels=[orbit:x/geo]", "azimuth_deg of the view 'orbit': expected a number, found 'x'"),
        ("panels=[orbit:1:2:3/geo]", r"written orbit:azimuth_deg:elevation_deg\[:ortho\]"),
        ("panels=[crop:99/geo]", "magnification: expected 1 to 16, found 99"),
        ("opacity=0", "opacity: expected above 0"),
        ("supersample=3", "supersample: expected one of 1, 2, 4, found 3"),
        ("people=all", "people: expected one of alone, together"),
        ("size=big", "size: expected photo, or width x height"),
        ("frames=90", "jpg holds one frame of 90; use gif, mp4 or webp"),
        ("frames=0", "frames: expected 1 to"),
        ("size=00x64", "size: expected photo, or width x height"),
        ("output.dir=", "output.dir: expected a folder, found nothing"),
        ("draw=[boxes]", "draw: expected one of multibox, bbox, coco, keypoints, label, found 'boxes'"),
        ("draw=[coco]", "draw: coco needs COCO's person_keypoints file; set dataset.coco_file"),
        ("panels=[side/geo/photo]", "the photo does not show what the view 'side' sees"),
    ],
)
def test_values_out_of_range_are_refused(override, message):
    with pytest.raises(ConfigError, match=message):
        load_config(composed(override))


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("+dataset.nothing=1", "^dataset.nothing: no such setting; there are: count, name, root, seed"),
        ("+nothing=1", "^nothing: no such setting; there are: background, batch"),
    ],
)
def test_keys_that_are_added_are_refused(override, message):
    with pytest.raises(ConfigError, match=message):
        load_config(composed(override))


def test_settings_without_a_value_are_named():
    with pytest.raises(ConfigError, match=r"dataset.fit_file=\.\.\. dataset.image_dir=\.\.\."):
        load_config(composed("dataset=eft"))


FIT_FILES = {
    "coco2014_all": ("COCO2014-All-ver01.json", [79051, 74834]),
    "coco2014_part": ("COCO2014-Part-ver01.json", [28344, 28062]),
    "coco2014_val": ("COCO2014-Val-ver10.json", [10510]),
    "mpii": ("MPII_ver01.json", [14361]),
    "posetrack": ("PoseTrack_ver01.json", [28856, 28457]),
    "lspet_train": ("LSPet_train_ver10.json", [2946]),
    "lspet_test": ("LSPet_test_ver10.json", [2433]),
    "ochuman_train": ("OCHuman_train_ver10.json", [2495]),
    "ochuman_test": ("OCHuman_test_ver10.json", [1783]),
}


@pytest.mark.parametrize("dataset", sorted(set(names("dataset")) - {"demo", "eft"} | set(FIT_FILES)))
def test_datasets_say_what_they_are_and_where_they_come_from(dataset):
    config = load_config(composed(f"dataset={dataset}", "dataset.image_dir=b")).dataset
    name, entries = FIT_FILES[dataset]
    assert (config.name, config.format, config.entries) == (dataset, "eft", entries)
    assert config.fit_file == f"eft_fit/{name}"
    folder = "eft/eft_fit_ver01/" if name.endswith("ver01.json") else "eft/"
    assert config.fits_url == f"https://dl.fbaipublicfiles.com/{folder}{name}"
    assert "http" in config.image_source
    assert "image_dir is " in config.image_layout
    assert "CC BY-NC 4.0" in config.licence


def test_who_has_no_photos_is_told_where_they_are():
    message = r"dataset.image_dir=\.\.\.\n  COCO 2014 train: http.* image_dir is the folder train2014"
    with pytest.raises(ConfigError, match=message):
        load_config(composed("dataset=coco2014_part"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", [0, 1, 2, 3, 4]),
        ("3", [3]),
        ("1:3", [1, 2]),
        ("-2:", [3, 4]),
        ("::2", [0, 2, 4]),
        (":99", [0, 1, 2, 3, 4]),
    ],
)
def test_samples(text, expected):
    assert list(range(5))[parse_samples(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orbit:-30.5:10", Viewpoint("orbit", -30.5, 10.0)),
        ("orbit:45:ortho", Viewpoint("orbit", 45.0, 0.0, is_orthographic=True)),
        ("side:ortho", Viewpoint("side", 90.0, 20.0, is_orthographic=True)),
        ("crop:4", Viewpoint("crop", magnification=4.0)),
        ("top", Viewpoint("top", 0.0, 90.0)),
    ],
)
def test_views_take_arguments_as_the_command_line_can_spell_them(text, expected):
    config = load_config(composed(f"panels=[{text}/geo]"))
    assert config.panel_specs()[0].viewpoint == expected


def test_labels_lie_on_black_and_others_on_the_chosen_background():
    config = load_config(composed("panels=[camera/geo, camera/parts, side/geo]", "background=rgb:102030"))
    assert [spec.background for spec in config.panel_specs()] == ["rgb:102030", "black", "rgb:102030"]


def test_a_clip_takes_its_format_from_the_job_and_the_command_line():
    assert load_config(composed("job=turntable")).output.format == "gif"
    config = load_config(composed("job=turntable", "output=mp4", "output.fps=30", "frames=12"))
    assert (config.output.format, config.output.fps, config.frames) == ("mp4", 30, 12)


def test_transparent_gifs_are_never_half_transparent():
    with pytest.raises(ConfigError, match="gif has no half transparent pixels"):
        load_config(composed("job=turntable", "background=transparent", "opacity=0.4"))


def test_a_background_can_be_chosen():
    assert parse_panel("camera/normal/white") == PanelSpec(Viewpoint("camera"), "normal", "white")


def test_the_help_names_every_view_mode_background_and_setting():
    help_text = build_help()["template"]
    for name in (*VIEWS, *MODES, *BACKGROUNDS, *ANNOTATIONS):
        assert re.search(rf"\b{name}\b", help_text)
    settings = {f.name for f in fields(Config)} - {"dataset", "body", "job", "output"}
    assert all(re.search(rf"^  {name} |{name}=", help_text, re.MULTILINE) for name in settings)
