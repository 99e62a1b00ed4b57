"""What runs the commands of the pages as a new user does knows them all, and sees what goes wrong."""

import shutil

import pytest

from tests.helpers.fit_files import recognise
from tests.helpers.pages import name_page
from tests.helpers.runs import ROOT
from tools.docs import commands, known
from tools.docs.commands import TRIED, list_commands, list_faults, try_command
from tools.docs.known import Expected, find_expected, find_reason
from tools.docs.pages import strip_comment
from tools.docs.stand_ins import DEMO, NAMED, STAND_INS, make_needed, place

ALL_COMMANDS = [command for page in TRIED for command in list_commands(page)]
RUN = [command for command in ALL_COMMANDS if not find_reason(command)]


def test_each_command_can_be_run_or_it_is_said_why_not():
    assert len(RUN) > 60
    assert list_faults(ALL_COMMANDS) == []


def test_a_command_of_which_nothing_is_known_is_a_fault(monkeypatch):
    monkeypatch.setattr(commands, "CANNOT", {"^make": "takes long", "^nothing": "is gone"})
    found = list_faults(["make test", "frobnicate all", "smpl-render samples=5"])
    assert [fault.partition(":")[0] for fault in found] == ["frobnicate all", "^nothing"]


@pytest.mark.parametrize("page", TRIED, ids=name_page)
def test_each_file_that_a_page_names_has_a_stand_in(page):
    made = {one.path for one in STAND_INS}
    for command in list_commands(page):
        if not find_reason(command):
            assert set(NAMED.findall(command)) <= made, command


@pytest.mark.parametrize(
    ("name", "fit_format"),
    [("FITS", "eft"), ("A.npz", "spin"), ("WALK.npz", "amass"), ("hmr4d_results.pt", "gvhmr")],
)
def test_stand_ins_are_what_they_stand_for(demo_set, tmp_path, name, fit_format):
    shutil.copytree(demo_set.folder, tmp_path / DEMO)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    make_needed(f"smpl-render dataset.fit_file={name} body=mannequin", tmp_path)
    assert recognise(tmp_path / name) == [fit_format]


def test_paths_of_others_lie_in_the_folder_of_the_page(tmp_path):
    said = place('smpl-render a=/data/coco b=/shared/x c=outputs/data/y \'{"d": "/shared/z"}\'', tmp_path)
    assert said == (
        f"smpl-render a={tmp_path}/data/coco b={tmp_path}/shared/x c=outputs/data/y "
        f'\'{{"d": "{tmp_path}/shared/z"}}\''
    )


@pytest.mark.parametrize(
    ("command", "expected", "fault"),
    [
        ("echo b > a.txt", Expected("", ("a.txt",)), ""),
        ("echo here", Expected("", says="he+re"), ""),
        ("echo b > a.txt; exit 3", Expected("", ("a.txt",)), "exit code 3"),
        ("echo no file", Expected("", ("*.txt",)), "there is no *.txt\nno file"),
        ("touch a.txt", Expected("", ("a.txt",)), "a.txt is empty"),
        ("echo there", Expected("", says="^here"), "it does not say ^here"),
        ("no_such_program", Expected(""), "exit code 127"),
        ("sleep 60", Expected(""), "it did not end in time"),
        # Serves, as far as its name tells, until it is stopped.
        ("echo http://a; exec sleep 60 # http.server", Expected("", says="http://"), ""),
    ],
)
def test_what_goes_wrong_is_seen(tmp_path, command, expected, fault):
    folder = tmp_path / "page"
    folder.mkdir()
    tried = try_command(command, folder, expected, limit_s=0.5 if fault.endswith("time") else 60)
    assert tried.fault.startswith(fault)
    assert bool(tried.fault) == bool(fault)


def test_folders_are_those_of_the_settings():
    assert known.name_output("smpl-render job=labels") == "outputs/demo/labels"
    assert known.name_output("smpl-render dataset=eft dataset.name=mine") == "outputs/mine/overlay"
    assert known.name_output("smpl-render output.dir=outputs/x") == "outputs/x"
    expected = find_expected("smpl-render job=figure figure=examples/inputs/a.yaml")
    assert expected is not None
    assert expected.files[0] == "outputs/demo/figure/a.pdf"


def test_comments_are_not_part_of_a_command():
    assert strip_comment("smpl-render a='b # c'   # and d's") == "smpl-render a='b # c'"
