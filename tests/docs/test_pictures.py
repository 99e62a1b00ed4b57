"""The pictures of the README and the documentation are what their commands draw."""

import contextlib
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.helpers.commands import call
from tests.helpers.pages import ALL, README, list_lines
from tools.docs import pictures
from tools.docs.compare import find_difference
from tools.docs.declare import FOLDER, read_pictures
from tools.docs.pictures import make_pictures, run_commands

# Drawn by a benchmark, of what it measured.
MEASURED = {"peers.svg"}
PICTURES = read_pictures()


def list_pictures(text: str) -> list[tuple[str, str]]:
    """The alternative text and the file of each that a page shows, as Markdown or as HTML."""
    as_html = re.findall(r'<img src="([^"]+)"[^>]* alt="([^"]+)">', text)
    return re.findall(r"!\[([^]]*)\]\(([^)\s]+)\)", text) + [(alt, target) for target, alt in as_html]


SHOWN = {(page, target): alt for page in ALL for alt, target in list_pictures(page.read_text())}


def test_each_picture_is_shown_and_each_that_is_shown_is_made():
    kept = {path.name for path in FOLDER.iterdir()}
    assert kept == {picture.name for picture in PICTURES} | MEASURED
    assert kept == {target.rpartition("/")[2] for _, target in SHOWN}


def test_each_has_a_text_for_those_who_do_not_see_it():
    for (page, target), alt in SHOWN.items():
        assert len(alt.split()) > 4, f"{page}: {target}"


def test_they_are_small():
    """Who opens the README loads its pictures: 1 MB together, and 600 kB each of all."""
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert max(sizes.values()) < 600_000
    assert sum(sizes[target.rpartition("/")[2]] for page, target in SHOWN if page == README) < 1_000_000


def test_the_command_of_each_stands_on_a_page_that_shows_it():
    """The last, which draws it; the settings of where files go and how they are kept may differ."""
    for picture in PICTURES:
        pages = [page for page, target in SHOWN if target.endswith(f"/{picture.name}")]
        drawn = strip_command(picture.run[-1])
        said = [strip_command(line) for page in pages for line in list_lines(page)]
        assert drawn in said, f"{picture.name}: no page that shows it has the command {picture.run[-1]}"


def strip_command(line: str) -> list[str]:
    """Its words without those that no reader needs."""
    words = shlex.split(line, comments=True)
    return [word for word in words if not re.match(r"output\.(dir|quality)=|dataset\.name=", word)]


def run_here(commands: list[str], folder: Path) -> None:
    for command in commands:
        program, *words = shlex.split(command)
        assert program == "smpl-render"
        with contextlib.chdir(folder):
            done = call(*words)
        assert done.code == 0, done.err


def test_commands_run_in_their_folder_and_a_failure_ends_them(tmp_path):
    run_commands(["touch here"], tmp_path)
    assert (tmp_path / "here").is_file()
    with pytest.raises(subprocess.CalledProcessError):
        run_commands(["false", "touch there"], tmp_path)
    assert not (tmp_path / "there").exists()


@pytest.mark.slow
def test_those_that_are_quick_to_draw_are_what_their_commands_draw(tmp_path, monkeypatch):
    # In this process, which has loaded torch already.
    monkeypatch.setattr(pictures, "run_commands", run_here)
    quick = [picture for picture in PICTURES if picture.quick]
    assert quick
    make_pictures(quick, tmp_path)
    for picture in quick:
        difference = find_difference(FOLDER / picture.name, tmp_path / picture.name)
        assert difference is None, f"{picture.name} {difference}"
