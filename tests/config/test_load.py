"""Every file of conf/ composes, and what Hydra or an old name makes of the command line is one clear line."""

import pickle
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from render.config.dataset import DemoDataset, FilesDataset
from render.config.load import compose_settings, load_config
from render.config.schema import Config
from render.errors import ConfigError
from render.resources import CONF_DIR
from render.sheet.panels import PanelSpec
from render.types.sheets import Viewpoint
from render.write.format import FORMATS
from tests.helpers.runs import ORIGINAL, configure

FILES = ("dataset.fit_file=a.json", "dataset.image_dir=b")


def configure_by_hydra(*words: str) -> Config:
    """All the way from the files of conf/, of which other tests keep what was read."""
    return load_config(compose_settings(list(words)))


def names(group: str) -> list[str]:
    return sorted(path.stem for path in (CONF_DIR / group).glob("*.yaml"))


@pytest.mark.parametrize("dataset", names("dataset"))
def test_shipped_datasets_compose(dataset):
    config = configure(f"dataset={dataset}", *(() if dataset == "demo" else FILES))
    assert config.output.dir == f"outputs/{dataset}/overlay"
    assert isinstance(config.dataset, DemoDataset if dataset == "demo" else FilesDataset)
    assert config.body.name == ("demo" if dataset == "demo" else "smpl")


@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group in ("body", "job") for name in names(group)]
)
def test_shipped_bodies_and_jobs_compose(group, name):
    # There is no comparison with nothing.
    config = configure(f"{group}={name}", *(["reference=b.json"] if name == "compare" else []))
    assert bool(config.panel_specs()) == (config.job.product != "meshes")
    assert getattr(config, group).name == name


@pytest.mark.parametrize("output", names("output"))
def test_shipped_outputs_compose(output):
    chosen = FORMATS.load(output)
    product = "sheets" if chosen.encode else "meshes" if chosen.holds_meshes else "labels"
    words = [] if product == "sheets" else [f"job={product}"]
    # Those that hold poses alone are of sequences.
    motion = "sequence" if chosen.encode_motion else "turn"
    config = configure(*words, f"output={output}", f"motion={motion}")
    assert config.output.format == output
    assert all(value is not None for value in config.output.options().values())


def test_default_is_the_demo_overlay():
    assert configure_by_hydra().panels == ["camera/clay", "side/clay"]
    config = configure_by_hydra(ORIGINAL)
    assert config.panel_specs() == (
        PanelSpec(Viewpoint("camera"), "geo", "photo"),
        PanelSpec(Viewpoint("side", 90, 20), "geo", "white"),
    )


def test_the_spelling_of_the_readme():
    words = [
        "dataset=coco2014_part",
        "dataset.image_dir=/data/coco/train2014",
        "samples=0:100",
        "panels=[camera/geo, side/geo]",
        "device=cuda",
    ]
    config = configure_by_hydra(*words)
    assert (config.samples, config.device) == ("0:100", "cuda")
    assert config.dataset.fit_file == "eft_fit/COCO2014-Part-ver01.json"
    # The short way to settings, which other tests go, leads to the same.
    assert asdict(config) == asdict(configure(*words))


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("batchsize=3", "batchsize: no such setting; did you mean batch?"),
        ("batch=many", "batch: expected a whole number, found 'many'"),
        ("output.qualty=3", "output.qualty: no such setting; did you mean output.quality?"),
        ("dataset.count=x", "dataset.count: expected a whole number, found 'x'"),
        (
            "output.fps=3",
            "output.fps: no such setting with the output that is chosen; it is: ",
        ),
        ("dataset=coco", "dataset: there is no 'coco'. There are: "),
        ("output=JPG", "output: there is no 'JPG'; did you mean 'jpg'? There are: "),
        ("hydra/launcher=slurm", "hydra/launcher: there is no 'slurm'"),
    ],
)
def test_unknown_keys_and_wrong_types_are_refused_in_one_line(word, message):
    with pytest.raises(ConfigError) as caught:
        configure_by_hydra(word)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("+dataset.nothing=1", "^dataset.nothing: no such setting; there are: count, name, root, seed"),
        ("+nothing=1", "^nothing: no such setting; there are: align, annotate, background, batch"),
    ],
)
def test_keys_that_are_added_are_refused(override, message):
    with pytest.raises(ConfigError, match=message):
        configure(override)


def test_settings_without_a_value_are_named():
    with pytest.raises(ConfigError, match=r"dataset.fit_file=\.\.\. dataset.image_dir=\.\.\."):
        configure("dataset=eft")


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


def is_of_eft(dataset):
    return "\nformat: eft\n" in (CONF_DIR / "dataset" / f"{dataset}.yaml").read_text()


@pytest.mark.parametrize(
    "dataset", sorted(set(filter(is_of_eft, names("dataset"))) - {"eft"} | set(FIT_FILES))
)
def test_datasets_say_what_they_are_and_where_they_come_from(dataset):
    config = configure(f"dataset={dataset}", "dataset.image_dir=b").dataset
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
        configure("dataset=coco2014_part")


def test_what_the_settings_name_is_there():
    """But what people must fetch themselves."""
    config = configure()
    assert Path(CONF_DIR.parent, config.body.path).is_file()
    assert Path(CONF_DIR.parent, config.body.charts).is_file()


def test_settings_go_through_pickle():
    """As launchers send them to other machines."""
    outputs = [configure(f"output={output}", "panels=[side/geo/white]").output for output in ("gif", "jpg")]
    code = "import pickle, sys; print(*[output.CHOSEN for output in pickle.load(sys.stdin.buffer)])"
    child = [sys.executable, "-c", code]
    done = subprocess.run(child, input=pickle.dumps(outputs), capture_output=True, check=True)
    assert done.stdout == b"gif jpg\n"


def test_image_names_are_mapped_to_files_by_a_setting():
    files = ["dataset=eft", *FILES]
    assert load_config(compose_settings(files)).dataset.rename_images == {}
    renames = 'dataset.rename_images={COCO_train2014_: "", .jpg: .png}'
    mapped = load_config(compose_settings([*files, renames])).dataset.rename_images
    assert list(mapped.items()) == [("COCO_train2014_", ""), (".jpg", ".png")]
    assert type(mapped) is dict


@pytest.mark.parametrize(
    "value", ["7", ".jpg", "[.jpg]", "null", "{a: [b]}", "{a: {b: c}}", "{a: null}", "{5: b}", "{a: '\0'}"]
)
def test_what_maps_no_image_names_is_refused(value):
    with pytest.raises(ConfigError, match=r"dataset\.rename_images"):
        load_config(compose_settings(["dataset=eft", *FILES, f"dataset.rename_images={value}"]))


@pytest.mark.parametrize("value", ["7", "'{preset: hmr2}'", "true"])
def test_options_without_names_are_refused(value):
    with pytest.raises(ConfigError, match=r"dataset\.options: expected names with values"):
        load_config(compose_settings(["dataset=eft", *FILES, f"dataset.options={value}"]))


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["dataset=meshes"], {}),
        (["dataset=meshes", "dataset.options={preset: hmr2, fov: 1.5}"], {"preset": "hmr2", "fov": 1.5}),
        (["dataset=hmr2"], {"preset": "hmr2"}),
        (["dataset=hmr2", "dataset.options={units: cm}"], {"preset": "hmr2", "units": "cm"}),
    ],
)
def test_what_a_format_takes_is_said_by_a_setting(words, options):
    assert load_config(compose_settings([*words, *FILES])).dataset.options == options


def test_the_demo_set_maps_no_image_names():
    with pytest.raises(ConfigError, match="rename_images"):
        load_config(compose_settings(["dataset=demo", "dataset.rename_images={a: b}"]))
