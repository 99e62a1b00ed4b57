"""Every shipped configuration composes, and what is wrong is refused with its key's name."""

from pathlib import Path

import pytest
import yaml
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from render.config import DemoDataset, FilesDataset, load_config, parse_samples, register_schemas
from render.errors import ConfigError
from render.panels import BACKGROUNDS, PanelSpec, parse_panel
from render.shade import MODES
from render.views import VIEWS

CONF = Path(__file__).parents[1] / "conf"
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
    assert config.panel_specs() == (PanelSpec("camera", "geo", "photo"), PanelSpec("side", "geo", "white"))


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
        ("panels=[camera/gio]", "no mode 'gio'; did you mean 'geo'?.* There are: geo, normal"),
        ("panels=[front/geo]", "no view 'front'.* There are: camera, side"),
        ("panels=[camera/geo/blue]", "no background 'blue'.* There are: photo, white"),
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
        ("+nothing=1", "^nothing: no such setting; there are: batch, body"),
    ],
)
def test_keys_that_are_added_are_refused(override, message):
    with pytest.raises(ConfigError, match=message):
        load_config(composed(override))


def test_settings_without_a_value_are_named():
    with pytest.raises(ConfigError, match=r"dataset.fit_file=\.\.\. dataset.image_dir=\.\.\."):
        load_config(composed("dataset=eft"))


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


def test_a_background_can_be_chosen():
    assert parse_panel("camera/normal/white") == PanelSpec("camera", "normal", "white")


def test_the_help_names_every_view_mode_and_background():
    help_text = yaml.safe_load((CONF / "hydra" / "help" / "render.yaml").read_text())["template"]
    for name in (*VIEWS, *MODES, *BACKGROUNDS, *OmegaConf.to_container(composed())):
        assert name in help_text or f"${name}" in help_text or name in ("dataset", "body", "job", "output")
