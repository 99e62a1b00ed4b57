"""The way of somebody with many fits: an audit, the sheets of its worst, their page, marks, bodies to turn.

By the commands, in the folders that nobody names.
"""

import csv
import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from render.gallery.write import write_page
from render.record.merge import merge_shards
from tests.helpers.browser import visit
from tests.helpers.commands import call
from tests.helpers.damaged_set import make_damaged_set
from tests.helpers.folders import files_below
from tests.helpers.scripts import read_script

READY = "html[data-ready] .cell"


@pytest.fixture
def settings(demo_set, tmp_path, monkeypatch) -> list[str]:
    """The damaged set, in a folder of its own; plots take a second each."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("render.review.plots.can_plot", lambda: False)
    whole = json.loads(demo_set.fit_file.read_text())
    damaged = make_damaged_set(whole["data"])
    Path("fits.json").write_text(json.dumps(whole | {"data": damaged.entries}))
    return [
        "dataset=eft",
        "dataset.fit_file=fits.json",
        f"dataset.image_dir={demo_set.image_dir}",
        "body=demo",
    ]


def list_sheets(folder: Path, suffix: str) -> list[int]:
    return sorted(int(path.stem.rpartition("_")[2]) for path in folder.glob(f"*{suffix}"))


def test_from_an_audit_to_what_was_marked(settings, browser):
    def do(*words: str) -> str:
        done = call(*words)
        assert done.code == 0, done.err
        return done.err

    do(*settings, "job=audit")
    with Path("outputs/eft/audit/audit.csv").open(newline="") as file:
        error_of_row = {int(line["row"]): float(line["reprojection"]) for line in csv.DictReader(file)}
    worst = sorted(error_of_row, key=lambda row: (-error_of_row[row], row))[:5]

    sheets = Path("outputs/eft/overlay")
    do(*settings, "samples=worst:5:reprojection", "panels=[camera/geo]", "page=true")
    assert list_sheets(sheets, ".jpg") == sorted(worst)

    with visit(browser, sheets / "index.html") as opened:
        page = opened.page
        page.wait_for_selector(READY)
        assert page.locator(".row-number").all_text_contents() == [f"row {row}" for row in worst]
        assert page.locator(".number").all_text_contents() == [f"{error_of_row[row]:.4f}" for row in worst]
        for row in worst[:2]:
            page.evaluate("(row) => Marks.toggle(Data.rows.indexOf(row))", row)
        marked = page.evaluate("Marks.formatList(Marks.listExported())")
    assert marked == "".join(f"{row}\n" for row in sorted(worst[:2]))
    Path("list.txt").write_text(marked)

    do(*settings, "samples=@list.txt", "panels=[camera/geo]", "output.dir=again")
    assert list_sheets(Path("again"), ".jpg") == sorted(worst[:2])
    do("view", *settings, "samples=@list.txt", "view=export")
    assert list_sheets(Path("outputs/eft/view"), ".html") == sorted(worst[:2])

    do("page", "outputs/eft/overlay")
    with visit(browser, sheets / "index.html") as opened:
        page = opened.page
        page.wait_for_selector(READY)
        # Marks are kept by this browser only, which is a new one.
        found = []
        for place in range(5):
            page.evaluate("(place) => { Detail.open(Order.shown[place]); }", place)
            page.wait_for_selector("#detail[open]")
            link = page.locator("text=Turn it in 3D")
            found.append(urlsplit(link.evaluate("(link) => link.href")) if link.count() else None)
            page.evaluate("Detail.close()")
        assert opened.complaints == []
    assert [one is not None for one in found] == [True, True, False, False, False]
    for address, row in zip(found[:2], worst, strict=False):
        assert address.scheme == "file"
        path = Path(unquote(address.path))
        assert path.parent == Path("outputs/eft/view").resolve()
        assert path.stem.endswith(f"_{row}")
        assert path.exists()


def test_pages_of_shards_have_numbers_as_soon_as_those_of_the_audit_are_merged(draw, tmp_path, monkeypatch):
    monkeypatch.setattr("render.review.plots.can_plot", lambda: False)
    sheets, parts = tmp_path / "set" / "overlay", tmp_path / "set" / "audit"
    draw("job=audit", into=tmp_path / "whole")
    for shard in ("1/2", "2/2"):
        draw("job=audit", f"shard={shard}", into=parts)
    draw("panels=[camera/geo]", "shard=1/2", into=sheets)
    write_page([sheets])
    head = read_script(sheets, "head")
    assert (head["isFinished"], head["shards"], head["columns"]) == (True, ["1of2"], [])

    merge_shards(parts)
    assert files_below(parts) == files_below(tmp_path / "whole")
    for name in files_below(parts):
        assert (parts / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    draw("panels=[camera/geo]", "shard=2/2", into=sheets)
    merge_shards(sheets)
    write_page([sheets])
    head = read_script(sheets, "head")
    assert (head["shards"], head["sheets"]) == ([], 8)
    (errors,) = (column for column in head["columns"] if column["name"] == "reprojection")
    assert errors["known"] == 8
