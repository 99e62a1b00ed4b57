"""What the README writes on the command line and in YAML is understood."""

import re
import shlex

import yaml

from render.config.figure.declare import declare_figure
from render.resources import CONF_DIR
from render.viewer.options import take_options
from tests.helpers.runs import configure

REPOSITORY = CONF_DIR.parent
README = (REPOSITORY / "README.md").read_text()
# Words that are no settings; and other data sets, each of which Hydra takes long to compose.
_NOT_OURS = re.compile(r"^(-.*|doctor|download|merge|page|dataset=.*)$")


def list_commands() -> list[list[str]]:
    """The words of each command that stands on a line of its own."""
    lines = re.findall(r"^ {4,}smpl-render(?: +(.*))?$", README, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def test_each_command_is_understood(monkeypatch):
    """Those of the demo set. Files need not be there, but those that figures are declared in."""
    monkeypatch.chdir(REPOSITORY)
    ours = [words for words in list_commands() if not any(map(_NOT_OURS.match, words))]
    assert len(ours) > 15
    for words in ours:
        if words[:1] == ["view"]:
            _, words = take_options(words[1:])
        config = configure(*words)
        if config.job.product == "figure":
            assert config.figure_spec().columns


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
