"""Presets: `eft` has all as the original viewer has it, whatever the default is, and words go before them."""

from dataclasses import asdict

import pytest
import yaml

from render.config.keys import list_settings
from render.config.load import compose_settings, load_config
from render.errors import ConfigError
from render.resources import CONF_DIR
from tests.helpers.commands import call
from tests.helpers.runs import configure

FILES = {path.stem: yaml.safe_load(path.read_text()) for path in (CONF_DIR / "preset").glob("*.yaml")}
# All that shapes pixels, with the values by which the goldens of the original viewer are drawn.
ORIGINAL = {
    "people": "alone",
    "background": "photo",
    "look": "geo",
    "crowd_look": "colorgeo",
    "annotate": [],
    "size": "photo",
    "gap": 0,
    "paper": "auto",
    "outside": "black",
    "titles": "none",
    "up": "picture",
    "fit": "original",
    "zoom": 1.0,
    "margin": 0.06,
    "edges": "hard",
    "rays": 0,
    "opacity": 1.0,
    "supersample": 1,
}
JOBS = {
    "overlay": (["camera/geo", "side/geo"], 256, 1, "jpg"),
    "turntable": (["orbit/geo"], 256, 90, "gif"),
    "video": (["camera/colorgeo", "side/colorgeo"], 256, 1, "mp4"),
}


def test_the_original_is_composed_to_the_same_settings_for_good():
    config = asdict(load_config(compose_settings(["preset=eft"])))
    assert {key: config[key] for key in ORIGINAL} == ORIGINAL
    # What comes later and shapes pixels has its value there too.
    known = [
        "dataset",
        "body",
        "job",
        "output",
        "samples",
        "panels",
        "layers",
        "view",
        "columns",
        "frames",
        "device",
    ]
    known += [
        "motion",
        "transition",
        "track",
        "rasterizer",
        "decoder",
        "batch",
        "threads",
        "shard",
        "on_error",
    ]
    known += ["damaged_photos", "page", "executor", "workers", "devices", "progress", "dry_run"]
    # Of labels, of meshes and of figures alone.
    known += ["view", "layers", "frame", "figure"]
    # Of mode error alone.
    known += ["reference", "align", "error_mm"]
    # Of comparisons alone.
    known += ["joint_regressor", "joint_subset"]
    assert set(config) == {*ORIGINAL, *known}


@pytest.mark.parametrize("job", JOBS)
def test_jobs_draw_what_they_always_drew(job):
    config = configure("preset=eft", f"job={job}")
    assert (config.panels, config.columns, config.frames, config.output.format) == JOBS[job]


def test_every_preset_gives_the_same_settings_a_value():
    """Else one chosen after the other would keep something of it."""
    assert set(FILES) == {"default", "eft"}
    for name, values in FILES.items():
        assert list(values) == list(FILES["default"]), name
        assert set(values) <= set(list_settings()), name


def test_a_word_goes_before_a_preset_wherever_it_stands():
    words = ["preset=eft", "size=64x48", "look=normal", "gap=7"]
    for given in (words, words[::-1]):
        config = load_config(compose_settings(given))
        assert (config.size, config.gap, config.outside) == ("64x48", 7, "black")
        assert config.panels == ["camera/normal", "side/normal"]
    # So do panels, which name their modes themselves.
    assert configure("look=normal", "panels=[top/uv]", "output=png").panels == ["top/uv"]


def test_looks_that_there_are_not_are_refused():
    with pytest.raises(ConfigError, match=r"^look: no mode 'norml'; did you mean 'normal'\?"):
        configure("look=norml", "panels=[camera/geo]")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("preset=etf", "preset: there is no 'etf'; did you mean 'eft'? There are: default, eft"),
        ("preset=nothing", "preset: there is no 'nothing'. There are: default, eft"),
        ("preset=", "preset: there is no ''. There are: default, eft"),
        ("~preset", "~preset: a setting cannot be taken out; "),
        ("original", "'original': expected key=value; "),
        ("--preset=eft", "--preset: settings are written without dashes: preset=eft"),
    ],
)
def test_presets_that_there_are_not_are_refused_in_one_line(word, message):
    with pytest.raises(ConfigError) as caught:
        compose_settings([word])
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_presets_are_shown_and_swept(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    shown = call("--cfg", "job", "preset=eft", "gap=3")
    assert shown.code == 0
    assert yaml.safe_load(shown.out) | FILES["eft"] | {"gap": 3} == yaml.safe_load(shown.out)
    seen = []

    def note(composed):
        seen.append((composed.size, composed.look))
        return 0

    monkeypatch.setattr("render.run.command._render", note)
    assert call("--multirun", "preset=eft,default", "look=normal").code == 0
    assert seen == [(FILES[name]["size"], "normal") for name in ("eft", "default")]


def test_the_help_says_what_each_is():
    said = call("--help").out
    assert "  eft      Everything as the viewer of EFT has it, pixel for pixel." in said
    assert "  default  What looks best" in said
