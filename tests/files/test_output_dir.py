"""Files are written whole, inside the output folder, or not at all."""

import errno
import os
import shutil
import stat

import pytest

from render.errors import OutputError, SheetError
from render.files import output_dir as atomic
from render.files.digest import identify
from render.files.output_dir import OutputDir
from render.files.sheet_names import sheet_name


def contents(folder):
    """Every file below a folder, temporary ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_writes_and_replaces(tmp_path):
    output_dir = tmp_path / "out"
    OutputDir(output_dir).write("a/b/c.png", b"old")
    OutputDir(output_dir).write("a/b/c.png", b"new")
    OutputDir(output_dir).write("d.png", b"")
    assert contents(output_dir) == {"a/b/c.png": b"new", "d.png": b""}


def test_files_have_the_usual_permissions(tmp_path):
    OutputDir(tmp_path).write("a.png", b"")
    (tmp_path / "b.png").write_bytes(b"")
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "b.png").stat().st_mode
    )


def test_longest_sheet_name_can_be_written(tmp_path):
    name = f"{sheet_name('é' * 125 + '.jpg', 2**63)}.png"
    OutputDir(tmp_path).write(name, b"data")
    assert contents(tmp_path) == {name: b"data"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            errno.ENOSPC,
            "the disk or the quota is full. Free some space and run the same command again",
        ),
        (errno.EDQUOT, "the disk or the quota is full"),
        (errno.EACCES, "no permission. Set output.dir to a folder of yours"),
        (errno.EROFS, "the file system is read-only. Set output.dir"),
        (errno.EIO, "Input/output error.*Check output.dir"),
    ],
)
@pytest.mark.parametrize("step", ["write", "replace"])
def test_failure_keeps_the_old_file_and_no_temporary(tmp_path, monkeypatch, code, reason, step):
    output = OutputDir(tmp_path)
    output.write("a/b.png", b"old")

    def fail(*_):
        raise OSError(code, os.strerror(code))

    written, write = [], os.write

    def write_half(descriptor, data):
        """Takes half of the data, and then fails."""
        if written:
            fail()
        written.append(write(descriptor, data[: len(data) // 2]))
        return written[0]

    monkeypatch.setattr(atomic.os, step, fail if step == "replace" else write_half)
    with pytest.raises(OutputError, match=reason) as caught:
        output.write("a/b.png", b"new")
    monkeypatch.undo()
    assert str(caught.value).startswith(f"{tmp_path}/a/b.png: cannot be written: ")
    assert contents(tmp_path) == {"a/b.png": b"old"}
    assert written == ([1] if step == "write" else [])


def test_interrupt_leaves_no_temporary(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    output = OutputDir(tmp_path)
    monkeypatch.setattr(atomic.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        output.write("a.png", b"data")
    assert contents(tmp_path) == {}


def test_file_where_a_folder_is_needed(tmp_path):
    (tmp_path / "out").write_bytes(b"")
    (tmp_path / "a").write_bytes(b"")
    for name in ("a/b.png", "a/b/c.png"):
        with pytest.raises(
            OutputError, match=r"/a is a file where a folder is needed\. Remove it or set output\.dir"
        ):
            OutputDir(tmp_path).write(name, b"data")
    with pytest.raises(
        OutputError, match=f"^{tmp_path}/out: nothing can be written there: {tmp_path}/out is a file"
    ):
        OutputDir(tmp_path / "out")


def test_folder_in_the_way(tmp_path):
    (tmp_path / "a.png").mkdir()
    with pytest.raises(OutputError, match=r"a\.png: cannot be written: a folder of that name is in the way"):
        OutputDir(tmp_path).write("a.png", b"data")
    assert contents(tmp_path) == {}


def test_path_too_long(tmp_path):
    with pytest.raises(SheetError, match="the path is too long"):
        OutputDir(tmp_path).write("/".join(["x" * 200] * 25) + ".png", b"data")
    with pytest.raises(SheetError, match="the path is too long"):
        OutputDir(tmp_path).write("x" * 300, b"data")


def test_links_that_lead_out_of_the_output_folder(tmp_path):
    output_dir, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    output_dir.mkdir()
    elsewhere.mkdir()
    (output_dir / "sub").symlink_to(elsewhere)
    (output_dir / "gone").symlink_to(tmp_path / "nowhere")
    for name in ("sub/a.png", "sub/new/a.png", "gone/a.png", "../elsewhere/a.png"):
        with pytest.raises(OutputError, match=r"expected a place below .*out, .* set output\.dir"):
            OutputDir(output_dir).write(name, b"data")
    assert contents(elsewhere) == {}
    assert not any(elsewhere.iterdir())
    assert not (tmp_path / "nowhere").exists()
    (output_dir / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match="cannot be written"):
        OutputDir(output_dir).write("loop/a.png", b"data")


def test_link_in_the_place_of_the_file_is_replaced_not_followed(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "precious").write_bytes(b"keep")
    (tmp_path / "out" / "a.png").symlink_to(tmp_path / "precious")
    OutputDir(tmp_path / "out").write("a.png", b"data")
    assert (tmp_path / "precious").read_bytes() == b"keep"
    assert contents(tmp_path / "out") == {"a.png": b"data"}


def test_output_folder_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    OutputDir(tmp_path / "out").write("a/b.png", b"data")
    assert contents(tmp_path / "real") == {"a/b.png": b"data"}


def test_an_output_folder_is_made_and_tried(tmp_path):
    OutputDir(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert contents(tmp_path) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_no_permission(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="no permission"):
        OutputDir(tmp_path)


def test_what_is_removed_is_below_the_folder(tmp_path):
    output, elsewhere = OutputDir(tmp_path / "out"), tmp_path / "elsewhere"
    (elsewhere / "b").mkdir(parents=True)
    (elsewhere / "b" / "mine").write_bytes(b"")
    (elsewhere / "mine").write_bytes(b"")
    (tmp_path / "out" / "sub").symlink_to(elsewhere)
    with pytest.raises(OutputError, match="expected a place below"):
        output.remove("sub/mine")
    with pytest.raises(OutputError, match="expected a place below"):
        output.remove_folder("sub/b")
    with pytest.raises(OutputError, match=r"sub: cannot be removed"):
        output.remove_folder("sub")
    assert contents(elsewhere) == {"mine": b"", "b/mine": b""}


def test_folders_are_removed_with_all_that_is_in_them_or_only_if_they_are_empty(tmp_path):
    output = OutputDir(tmp_path)
    output.write("a/b/c", b"")
    (tmp_path / "a" / "b" / "link").symlink_to(tmp_path)
    output.remove_empty_folder("a")
    assert (tmp_path / "a" / "b" / "c").exists()
    output.remove_folder("a/b")
    output.remove_empty_folder("a")
    output.remove_empty_folder("a")
    assert list(tmp_path.iterdir()) == []
    output.write("a/b/c", b"")
    output.remove("a/b/c")
    output.remove("a/b/c")
    assert contents(tmp_path) == {}


def test_a_folder_that_is_removed_meanwhile_is_made_again(tmp_path):
    output = OutputDir(tmp_path / "out")
    output.write("a/b.png", b"data")
    shutil.rmtree(tmp_path / "out")
    output.write("a/b.png", b"data")
    assert contents(tmp_path / "out") == {"a/b.png": b"data"}


@pytest.mark.parametrize("name", ["\ud800.jpg", "a\udfff/b.jpg", "sub/\ud912.png"])
def test_a_name_that_the_locale_cannot_encode_costs_its_own_sheet(tmp_path, name):
    output = OutputDir(tmp_path)
    with pytest.raises(SheetError, match=r"cannot encode this name\. Set LC_ALL=C\.UTF-8"):
        output.write(name, b"")


def test_a_file_that_grows_takes_its_name_at_the_end(tmp_path):
    output = OutputDir(tmp_path)
    output.write("a/b.mp4", b"old")
    with output.create("a/b.mp4", is_durable=True) as file:
        file.write(b"0123")
        file.write(memoryview(b"456789"))
        file.seek(2)
        file.write(b"xy")
        assert (tmp_path / "a" / "b.mp4").read_bytes() == b"old"
        assert file.id is None
    assert contents(tmp_path) == {"a/b.mp4": b"01xy456789"}
    assert file.id == identify(b"01xy456789")
    assert stat.S_IMODE((tmp_path / "a" / "b.mp4").stat().st_mode) & 0o444 == 0o444


@pytest.mark.parametrize("kind", [ValueError, OSError, KeyboardInterrupt])
def test_a_file_that_grows_is_gone_with_an_error(tmp_path, kind):
    output = OutputDir(tmp_path)
    output.write("b.mp4", b"old")
    # What goes wrong outside of the file stays what it is.

    def write() -> None:
        with output.create("b.mp4") as file:
            file.write(b"half of it")
            raise kind

    with pytest.raises(kind):
        write()
    assert contents(tmp_path) == {"b.mp4": b"old"}


def test_a_full_disk_while_a_file_grows(tmp_path, monkeypatch):
    output = OutputDir(tmp_path)

    def write() -> None:
        with output.create("a/b.mp4") as file, open("/dev/full", "wb", buffering=0) as full:
            # Linux has a device that is always full.
            os.dup2(full.fileno(), file.fileno())
            file.write(b"more")

    with pytest.raises(OutputError, match=rf"^{tmp_path}/a/b\.mp4: cannot be written: the disk or the quota"):
        write()
    assert contents(tmp_path) == {}

    def fail(*_):
        raise OSError(errno.EDQUOT, "quota")

    monkeypatch.setattr(atomic.os, "replace", fail)
    with pytest.raises(OutputError, match="the disk or the quota is full"), output.create("a/b.mp4") as file:
        file.write(b"all")
    assert contents(tmp_path) == {}


def test_a_file_that_grows_where_none_can_be(tmp_path):
    output = OutputDir(tmp_path / "out")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "sub").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out" / "folder").mkdir()
    for name, kind in (("sub/a.mp4", OutputError), ("x" * 300, SheetError), ("folder", OutputError)):
        with pytest.raises(kind), output.create(name):
            raise AssertionError("no file is there to be written")
    shutil.rmtree(tmp_path / "out")
    with output.create("a/b.mp4") as file:
        file.write(b"data")
    assert contents(tmp_path) == {"out/a/b.mp4": b"data"}


def test_what_a_kill_leaves_of_a_file_that_grows_is_removed(tmp_path):
    output = OutputDir(tmp_path, "1of2")
    context = output.create("a/b.mp4")
    # It does not end.
    file = context.__enter__()
    file.write(b"half of it")
    output.remove_temporaries(["2of2"])
    assert len(contents(tmp_path)) == 1
    output.remove_temporaries(["1of2"])
    assert contents(tmp_path) == {}
