"""The public workflows: what they call is there, and they hold nothing that must stay secret."""

import re

import pytest
import yaml

from tests.helpers.runs import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def workflow(request) -> dict:
    return yaml.safe_load(request.param.read_text())


def list_steps(workflow: dict) -> list[dict]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_there_are_some():
    assert WORKFLOWS


def test_jobs_end_and_may_only_read(workflow):
    # YAML takes the key `on` for a truth value.
    assert workflow.keys() == {"name", True, "permissions", "concurrency", "env", "jobs"}
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert 0 < job["timeout-minutes"] <= 90, name
        assert "permissions" not in job, name


def test_steps_run_or_use_one_thing(workflow):
    for step in list_steps(workflow):
        assert ("run" in step) != ("uses" in step), step
        # A branch may become anything.
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]), step


def test_no_secret_is_asked_for(workflow):
    assert "secrets." not in yaml.safe_dump(workflow)


def test_targets_of_make_and_arguments_of_images_are_there(workflow):
    text = "\n".join(step.get("run", "") for step in list_steps(workflow))
    (targets,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.M)
    assert set(re.findall(r"^make ([\w-]+)", text, re.M)) <= set(targets.split())
    arguments = set(re.findall(r"^ARG (\w+)", (ROOT / "Dockerfile").read_text(), re.M))
    assert set(re.findall(r"--build-arg (\w+)=", text)) <= arguments


def test_both_images_are_built_and_none_is_pushed():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    image = workflow["jobs"]["image"]
    bases = set(re.findall(r"^FROM \S+ AS base-(\w+)", (ROOT / "Dockerfile").read_text(), re.M))
    assert set(image["strategy"]["matrix"]["variant"]) == bases == {"cpu", "cuda"}
    assert "push" not in yaml.safe_dump(image)
