"""What the README writes on the command line and in YAML is understood."""

import re
import shlex

import yaml

from render.config.figure.declare import declare_figure
from render.resources import CONF_DIR
from tests.helpers.runs import configure

REPOSITORY = CONF_DIR.parent
README = (REPOSITORY / "README.md").read_text()
# Of settings that a script fills in, and of words that are no settings.
_NOT_PLAIN = re.compile(r"\.\.\.|\$\{|FILE|FOLDER|^-|^(doctor|download|merge)$")


def list_commands() -> list[list[str]]:
    """The settings of each command that stands on a line of its own, without those of other programs."""
    lines = re.findall(r"^ {4,}smpl-render(?: +(.*))?$", README, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def test_each_command_is_understood(tmp_path, monkeypatch):
    """Files need not be there: a run asks for them later. A figure's file is read at once."""
    monkeypatch.chdir(REPOSITORY)
    plain = [words for words in list_commands() if not any(map(_NOT_PLAIN.search, words))]
    assert len(plain) > 25
    for words in plain:
        config = configure(*words)
        if config.job.product == "figure":
            assert config.figure_spec().columns or config.figure_spec().rows


def test_the_figure_in_yaml_is_the_file_that_it_is_said_to_be():
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert block == (REPOSITORY / "extradata" / "readme" / "errors.yaml").read_text()
    spec = declare_figure({}, yaml.safe_load(block))
    assert [column.method for column in spec.columns] == [None, "Truth", "Other", "Other"]
    assert spec.reference == "Truth"
    assert len(spec.rows) == 2


def test_each_picture_is_there_and_they_are_small():
    """Who opens the page loads them all: 2 MB together, and 600 kB each."""
    names = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    sizes = [(REPOSITORY / name).stat().st_size for name in names]
    assert len(set(names)) == len(names) > 6
    assert max(sizes) < 600_000
    assert sum(sizes) < 2_000_000
    kept = {p.name for p in (REPOSITORY / "extradata" / "readme").iterdir() if p.suffix in (".jpg", ".webp")}
    assert kept == {name.rpartition("/")[2] for name in names}
