"""The Dockerfile has no fault that hadolint knows, and copies what is there and what the wheel needs."""

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest
import yaml

from tests.helpers.runs import ROOT

DOCKERFILE = ROOT / "Dockerfile"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def list_copied(text: str) -> list[str]:
    """The sources that are copied from the repository."""
    lines = re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def is_ignored(path: str, patterns: list[str]) -> bool:
    """Whether .dockerignore keeps a path out: the last pattern that fits it or a folder above it counts."""
    ignored = False
    parts = [PurePosixPath(path), *PurePosixPath(path).parents][:-1]
    for pattern in patterns:
        name = pattern.removeprefix("!")
        below = name.removeprefix("**/")
        if any(fnmatch(str(part), name) or (below != name and part.name == below) for part in parts):
            ignored = not pattern.startswith("!")
    return ignored


def read_ignored() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def run_hadolint(path: Path) -> subprocess.CompletedProcess:
    program = Path(sys.executable).with_name("hadolint")
    assert program.exists(), "hadolint is not installed: requirements-dev.txt"
    return subprocess.run([program, "--no-color", path], capture_output=True, text=True, check=False)


def test_hadolint_finds_no_fault():
    done = run_hadolint(DOCKERFILE)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("before", "after"),
    [("ENTRYPOINT [", "ENTRYPONT ["), ("USER 1000:1000\n", "USER root\n"), ("build==1.6.1", "build")],
)
def test_hadolint_would_find_faults(tmp_path, before, after):
    text = DOCKERFILE.read_text()
    assert before in text
    (tmp_path / "Dockerfile").write_text(text.replace(before, after))
    assert run_hadolint(tmp_path / "Dockerfile").returncode


def test_each_source_is_there_and_reaches_the_build():
    sources, patterns = list_copied(DOCKERFILE.read_text()), read_ignored()
    assert "render" in sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert not is_ignored(source, patterns), source
    for kept_out in (".git", "outputs/demo", "tests/conftest.py", "extradata/smpl", "render/__pycache__"):
        assert is_ignored(kept_out, patterns), kept_out


def test_all_that_the_wheel_is_made_of_is_copied():
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    project = PROJECT["project"]
    needed = [*wheel["packages"], *wheel["force-include"], *project["license-files"], project["readme"]]
    assert set(needed) <= set(list_copied(DOCKERFILE.read_text()))


def test_versions_are_those_of_the_project():
    text = DOCKERFILE.read_text()
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    tested = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    pythons = re.findall(r"^FROM python:(\d+\.\d+)-", text, re.MULTILINE)
    assert pythons
    assert set(pythons) <= set(tested)
    (cuda,) = re.findall(r"^FROM nvidia/cuda:(\d+)\.", text, re.MULTILINE)
    extras = re.findall(r"EXTRAS=\[([\w,-]+)\]", text)
    assert f"gpu-cuda{cuda}" in extras[-1].split(",")
    for names in extras:
        assert set(names.split(",")) <= set(PROJECT["project"]["optional-dependencies"])
    # Torch for the CUDA of the base image, and nothing of CUDA on the other.
    assert re.findall(r"TORCH_BACKEND=(\w+)", text) == ["cpu", f"cu{cuda}0"]
    assert "-r /src/requirements.txt" in text


def test_it_runs_the_command_and_not_as_root():
    text = DOCKERFILE.read_text()
    (command,) = re.findall(r'^ENTRYPOINT \["(\S+)"\]$', text, re.MULTILINE)
    assert command in PROJECT["project"]["scripts"]
    assert re.findall(r"^USER (\d+)", text, re.MULTILINE)[-1] != "0"
