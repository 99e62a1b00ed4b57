"""From folders of sheets to the files of a page."""

import json

import pytest

from render.errors import ConfigError, OutputError
from render.gallery import command, thumbnails
from render.gallery.entries import read_folder
from render.gallery.write import write_page
from render.record.manifest import UNFINISHED
from tests.helpers.made_sheets import encode, write_sheets
from tests.helpers.scripts import read_script

RED, BLUE = encode((200, 0, 0)), encode((0, 0, 200))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "set" / "job"


def list_files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def list_thumbs(folder):
    return sorted(path.stem for path in folder.glob("page/thumbs/*/*.webp"))


def test_the_same_sheets_have_the_same_page(folder, tmp_path):
    contents = {"a_0.png": RED, "b/c_1.png": BLUE}
    write_sheets(folder, contents)
    write_page([folder])
    first = list_files(folder)
    write_page([folder])
    assert list_files(folder) == first
    other = tmp_path / "elsewhere" / "set" / "job"
    write_sheets(other, contents)
    write_page([other])
    assert list_files(other) == first
    assert {name for name in first if "/" not in name} == {"a_0.png", "manifest.jsonl", "index.html"}


def test_a_page_written_anew_leaves_nothing_of_the_one_before(folder):
    write_sheets(folder, {"a_0.png": RED, "b_1.png": BLUE})
    write_page([folder])
    (before,) = folder.glob("page/data-*")
    thumbs = list_thumbs(folder)
    write_sheets(folder, {"a_0.png": encode((0, 99, 0)), "b_1.png": BLUE})
    write_page([folder])
    (after,) = folder.glob("page/data-*")
    assert after != before
    assert after.name in (folder / "index.html").read_text()
    assert len(list_thumbs(folder)) == 2
    assert len(set(list_thumbs(folder)) & set(thumbs)) == 1


def test_small_pictures_are_kept_and_a_run_that_was_cut_goes_on(folder, monkeypatch):
    write_sheets(folder, {f"a_{row}.png": encode((row, 0, 0)) for row in range(5)})
    make, made, limit = thumbnails.make_small_picture, [], 3

    def make_some(content, kind):
        if len(made) == limit:
            raise KeyboardInterrupt
        made.append(content)
        return make(content, kind)

    monkeypatch.setattr(thumbnails, "make_small_picture", make_some)
    with pytest.raises(KeyboardInterrupt):
        write_page([folder])
    # Whatever is there leads to no half of a page.
    assert not (folder / "index.html").exists()
    monkeypatch.setattr(
        thumbnails, "make_small_picture", lambda *words: made.append(words[0]) or make(*words)
    )
    write_page([folder])
    assert len(made) == len(set(made)) == 5
    write_page([folder])
    assert len(made) == 5


def test_what_cannot_be_decoded_is_there_without_a_picture(folder):
    write_sheets(folder, {"a_0.png": b"no picture", "b_1.exr": b"x", "c_2.png": RED})
    write_page([folder])
    chunk = read_script(folder, "sheets-0")
    assert chunk["keys"] == ["a_0", "b_1", "c_2"]
    assert chunk["thumbs"][:32] == thumbnails.NONE * 2
    assert chunk["thumbs"][32:] == list_thumbs(folder)[0]


def test_shards_that_are_not_merged_and_runs_that_were_stopped_have_pages(folder):
    write_sheets(folder, {"a_0.png": RED}, tag="1of3")
    write_sheets(folder, {"b_1.png": BLUE}, tag="3of3")
    with (folder / "manifest.3of3.jsonl").open("a") as file:
        file.write(UNFINISHED)
    found = read_folder(folder)
    assert [entry.key for entry in found.entries] == ["a_0", "b_1"]
    assert (found.is_finished, found.shards) == (False, ["1of3", "3of3"])
    (folder / "b_1.png").unlink()
    assert [entry.key for entry in read_folder(folder).entries] == ["a_0"]


def test_numbers_are_joined_by_row_and_not_where_the_image_is_another(folder):
    write_sheets(folder, {"a_0.png": RED, "b_1.png": BLUE, "c_2.png": RED})
    (folder / "audit.csv").write_text(
        "row,image,error,empty\n2,c.jpg,0.25,\n1,other.jpg,0.5,\n0,a.jpg,0.1,\n9,z.jpg,1,\n"
    )
    told = {
        "columns": [{"name": "error", "unit": "px", "about": "Far.", "worst": "high"}],
        "causes": [{"name": "c"}],
    }
    (folder / "audit.json").write_text(json.dumps(told))
    write_page([folder])
    head = read_script(folder, "head")
    assert head["mismatched"] == 1
    assert head["causes"] == [{"name": "c"}]
    (column,) = head["columns"]
    assert (column["name"], column["unit"], column["worst"], column["known"]) == ("error", "px", "high", 2)
    assert sum(column["counts"]) == 2
    # Of all that are in the table, on sheets or not.
    assert [column["ofAll"][k] for k in (0, 3, 6)] == [0.1, pytest.approx(0.375, abs=0.0051), 1]


def test_an_audit_is_found_beside_the_folder_or_where_it_is_named(folder, tmp_path):
    write_sheets(folder, {"a_0.png": RED})
    for place in (folder.parent / "audit", tmp_path / "named"):
        place.mkdir()
        (place / "audit.csv").write_text(f"row,image,{place.name}\n0,a.jpg,1\n")
    write_page([folder])
    assert [column["name"] for column in read_script(folder, "head")["columns"]] == ["audit"]
    write_page([folder], tmp_path / "named")
    assert [column["name"] for column in read_script(folder, "head")["columns"]] == ["named"]
    (tmp_path / "named" / "audit.csv").rename(tmp_path / "named" / "compare.csv")
    write_page([folder], tmp_path / "named")
    assert [column["name"] for column in read_script(folder, "head")["columns"]] == ["named"]
    with pytest.raises(ConfigError, match=r"audit: expected a folder with audit\.csv or compare\.csv"):
        write_page([folder], tmp_path)


def test_sheets_of_the_same_rows_are_compared(folder):
    write_sheets(folder, {"a_0.png": RED, "b_1.png": BLUE})
    other = folder.parent / "other é"
    write_sheets(other, {"x_5.jpg": RED, "b_1.jpg": BLUE}, rows={"x_5.jpg": (0,), "b_1.jpg": (1,)})
    write_page([folder, other])
    head, chunk = read_script(folder, "head"), read_script(folder, "sheets-0")
    assert [(one["label"], one["base"], one["suffix"]) for one in head["sources"]] == [
        ("job", "", ".png"),
        ("other é", "../other%20%C3%A9/", ".jpg"),
    ]
    # Of the one that is called otherwise there, its name.
    assert chunk["others"] == {"0": {"1": "x_5"}}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("image,row\n", "the columns image, row"),
        ("row,image,a\n0,x.jpg\n", "line 2 with 2 columns"),
        ("row,image,a\n-1,x.jpg,1\n", r"line 2 with 3 columns, row \['-1'\]"),
        ('row,image,a\n0,"x', "unexpected end of data"),
    ],
)
def test_a_table_that_is_none_is_refused(folder, text, found):
    write_sheets(folder, {"a_0.png": RED})
    (folder / "audit.csv").write_text(text)
    with pytest.raises(
        OutputError, match=rf"audit\.csv: expected a table with the columns row and image.*{found}"
    ):
        write_page([folder])


def test_the_command_says_what_it_wrote_and_what_is_wrong(folder, caplog, capsys):
    caplog.set_level("INFO")
    write_sheets(folder, {"a_0.png": RED})
    assert command.main([str(folder)]) == 0
    assert str(folder / "index.html") in caplog.text
    assert command.main([f"output.dir='{folder}'"]) == 0
    assert command.main([]) == 1
    assert "page: expected a folder of sheets" in caplog.text
    assert command.main([str(folder.parent)]) == 1
    assert "expected the folder of a job, with a manifest.jsonl, found none" in caplog.text
    assert command.main(["--help"]) == 0
    assert "smpl-render page outputs/demo/overlay" in capsys.readouterr().out
