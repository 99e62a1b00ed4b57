"""The cache of fit files: a second read is the first one, whatever became of the entry or of the file."""

import functools
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from render.errors import FitFileError
from render.files.digest import hash_file
from render.fits.fit_file import FitFile
from render.fits.formats import eft
from render.fits.kept import cache
from render.fits.read import read_fits
from render.registry import Registry
from tests.helpers.eft_entries import make_entry
from tests.helpers.mapped import is_mapped

ROOT = Path(__file__).parents[2]
hash_reader = cache._hash_reader
hash_reader_once = functools.cache(hash_reader)
TABLE = (
    *("row", "person", "frame", "time_s", "identity", "annot_id", "source", "place", "unit"),
    *("scale", "origin", "focal", "center", "transl_m", "rotation", "is_metric", "box_px"),
    *("world_rotation", "world_m"),
)
# Of the one source that a file of EFT's is.
OF_SOURCE = ("rotmat", "betas", "expression", "hands", "points_px", "points_m", "validity")
COLUMNS = (*TABLE, *(f"0_{name}" for name in OF_SOURCE))
FILES = (
    *(f"{name}.npy" for name in COLUMNS),
    "image_name.txt",
    "sequence.txt",
    "problems.json",
    "sources.json",
    "sha256.json",
)


@pytest.fixture(autouse=True)
def cache_dir(monkeypatch, tmp_path):
    """Where entries are made, of small files too."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "LEAST_BYTES", 1)
    # For it each reading reads all code that reads.
    monkeypatch.setattr(cache, "_hash_reader", hash_reader_once)
    return tmp_path / "cache" / "smpl-render" / "fits"


@pytest.fixture
def reads(monkeypatch):
    """The files that were read as JSON."""
    found = []

    def note(file):
        found.append(file.path)
        return eft.read(file)

    set_reader(monkeypatch, note)
    return found


def set_reader(monkeypatch, read):
    monkeypatch.setattr(eft, "FORMAT", replace(eft.FORMAT, read=read))


def find_column(fits, name):
    """A column of the table, or of its source."""
    if not name.startswith("0_"):
        return getattr(fits, name)
    (source,) = fits.sources
    part = source.marks if name[2:] in source.marks.SHAPES else source.bodies
    return getattr(part, name[2:])


def make_content(seed=0):
    """A file of five valid rows and two others, as text."""
    entries = [make_entry(seed + k) for k in range(5)]
    entries[1] |= {"imageName": "été/ a b.jpg ", "gt_keypoint_2d": [[1.5, -2, 1]] * 49}
    damaged = [make_entry() | {"parm_cam": [0, 0, 0], "imageName": "\ud800\n"}, 3]
    return json.dumps({"data": [*entries[:2], *damaged, *entries[2:]]})


@pytest.fixture
def fit_file(tmp_path):
    path = tmp_path / "fits.json"
    path.write_text(make_content())
    return path


def list_entries(cache_dir):
    return sorted(cache_dir.iterdir()) if cache_dir.is_dir() else []


def check_same(found, expected):
    (fits, problems), (expected_fits, expected_problems) = found, expected
    assert problems == expected_problems
    assert vars(expected_fits).keys() == {*TABLE, "image_name", "sequence", "sources"}
    for name in COLUMNS:
        assert find_column(fits, name).dtype == find_column(expected_fits, name).dtype
        assert find_column(fits, name).tobytes() == find_column(expected_fits, name).tobytes()
    for found_source, source in zip(fits.sources, expected_fits.sources, strict=True):
        assert repr(found_source) == repr(source)
        assert found_source.notes == source.notes
    assert fits.image_name.dtype == object
    assert fits.image_name.tolist() == expected_fits.image_name.tolist()
    assert all(type(name) is str for name in fits.image_name)
    assert fits.sequence.tolist() == expected_fits.sequence.tolist()


def check_whole(entry):
    """Nothing is missing in the entry, nothing is too many, and all of it is what was written."""
    assert sorted(path.name for path in entry.iterdir()) == sorted(FILES)
    hashes = json.loads((entry / "sha256.json").read_text())
    assert hashes == {name: hash_file(entry / name) for name in FILES if name != "sha256.json"}


def test_second_read_is_the_first_one_mapped(fit_file, reads, cache_dir):
    first = read_fits("eft", fit_file)
    assert (len(first[0]), len(first[1])) == (5, 2)
    second = read_fits("eft", fit_file)
    assert len(reads) == 1
    check_same(second, first)
    # What is empty cannot be mapped.
    columns = [find_column(second[0], name) for name in COLUMNS]
    assert all(is_mapped(column) for column in columns if column.size)
    assert not any(column.flags.writeable for column in columns if column.size)
    (entry,) = list_entries(cache_dir)
    check_whole(entry)


def test_file_without_problems_and_with_one_row(fit_file, reads):
    fit_file.write_text(json.dumps({"data": [make_entry()]}))
    first = read_fits("eft", fit_file)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 1


def test_copy_of_another_name_in_another_folder_is_known(tmp_path, fit_file, reads):
    first = read_fits("eft", fit_file)
    copy = tmp_path / "elsewhere" / "copy.json"
    copy.parent.mkdir()
    shutil.copy(fit_file, copy)
    check_same(read_fits("eft", copy), first)
    assert reads == [fit_file]


def test_changed_file_of_the_same_name_size_and_time_is_noticed(fit_file, reads):
    read_fits("eft", fit_file)
    before = fit_file.stat()
    fit_file.write_text(fit_file.read_text().replace('"parm_cam": [0.85', '"parm_cam": [0.86'))
    os.utime(fit_file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (fit_file.stat().st_size, fit_file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    for _ in range(2):
        fits = read_fits("eft", fit_file)[0]
        np.testing.assert_allclose(fits.scale, 0.86 * fits.box_px[:, 2] / 2)
    assert len(reads) == 2


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def empty(path):
    os.truncate(path, 0)


def flip_last_bit(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def flip_middle_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lengthen(path):
    path.write_bytes(path.read_bytes() + b"\0")


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


def replace_by_garbage(path):
    path.write_bytes(b"{}")


DAMAGES = (
    truncate,
    empty,
    flip_last_bit,
    flip_middle_bit,
    lengthen,
    replace_by_folder,
    replace_by_garbage,
    os.unlink,
)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        # Every file with one damage, its neighbours with the others; one of each kind with all.
        *((name, DAMAGES[k % len(DAMAGES)]) for k, name in enumerate(FILES)),
        *product(("0_betas.npy", "image_name.txt", "sources.json", "sha256.json"), DAMAGES),
    ],
)
def test_damaged_entry_is_made_anew(fit_file, reads, cache_dir, caplog, name, damage):
    first = read_fits("eft", fit_file)
    (entry,) = list_entries(cache_dir)
    damage(entry / name)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 2
    assert "is damaged" in caplog.text
    assert list_entries(cache_dir) == [entry]
    check_whole(entry)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 2


def test_any_bit_of_the_hashes_may_flip(fit_file, cache_dir):
    first = read_fits("eft", fit_file)
    (entry,) = list_entries(cache_dir)
    path = entry / "sha256.json"
    size = path.stat().st_size
    for bit in range(0, 8 * size, 463):
        content = bytearray(path.read_bytes())
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        check_same(read_fits("eft", fit_file), first)
        check_whole(entry)


def test_column_without_a_hash_is_not_trusted(fit_file, reads, cache_dir):
    first = read_fits("eft", fit_file)
    (entry,) = list_entries(cache_dir)
    flip_last_bit(entry / "0_betas.npy")
    (entry / "sha256.json").write_text("{}")
    check_same(read_fits("eft", fit_file), first)
    check_whole(entry)


def replace_entry_by_file(entry):
    shutil.rmtree(entry)
    entry.write_bytes(b"garbage")


def replace_entry_by_empty_folder(entry):
    shutil.rmtree(entry)
    entry.mkdir()


def replace_entry_by_garbage(entry):
    shutil.rmtree(entry)
    (entry / "folder").mkdir(parents=True)
    (entry / "0_betas.npy").write_bytes(b"garbage")


def replace_entry_by_dangling_link(entry):
    shutil.rmtree(entry)
    entry.symlink_to("nowhere")


@pytest.mark.parametrize(
    "replace_entry",
    [
        replace_entry_by_file,
        replace_entry_by_empty_folder,
        replace_entry_by_garbage,
        replace_entry_by_dangling_link,
    ],
)
def test_what_only_has_the_name_of_an_entry_is_replaced(fit_file, reads, cache_dir, replace_entry):
    first = read_fits("eft", fit_file)
    (entry,) = list_entries(cache_dir)
    replace_entry(entry)
    check_same(read_fits("eft", fit_file), first)
    assert list_entries(cache_dir) == [entry]
    check_whole(entry)
    assert len(reads) == 2


class Bomb:
    """Runs code where it is unpickled."""

    def __init__(self, path):
        self._path = path

    def __reduce__(self):
        return Path.touch, (self._path,)


def save_bombs(path, bomb):
    bombs = np.full(5, None)
    bombs[:] = [bomb] * 5
    np.save(path, bombs, allow_pickle=True)


def pickle_bomb(path, bomb):
    path.write_bytes(pickle.dumps(bomb))


@pytest.mark.parametrize(
    ("name", "save"),
    [(f"{name}.npy", (save_bombs, pickle_bomb)[k % 2]) for k, name in enumerate(COLUMNS)],
)
def test_nothing_in_an_entry_is_run(tmp_path, fit_file, cache_dir, name, save):
    first = read_fits("eft", fit_file)
    (entry,) = list_entries(cache_dir)
    mark = tmp_path / "mark"
    save(entry / name, Bomb(mark))
    hashes = json.loads((entry / "sha256.json").read_text()) | {name: hash_file(entry / name)}
    (entry / "sha256.json").write_text(json.dumps(hashes))
    check_same(read_fits("eft", fit_file), first)
    assert not mark.exists()
    check_whole(entry)


@pytest.mark.parametrize("damage", [None, truncate])
def test_readers_at_once_are_all_right(fit_file, cache_dir, damage):
    expected = eft.read(FitFile(fit_file))
    if damage:
        read_fits("eft", fit_file)
        damage(list_entries(cache_dir)[0] / "scale.npy")
    barrier = Barrier(8)

    def read(_):
        barrier.wait()
        return read_fits("eft", fit_file)

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(read, range(8)):
            check_same(found, expected)
    (entry,) = list_entries(cache_dir)
    check_whole(entry)


@pytest.mark.parametrize("blocker", ["", "smpl-render", "smpl-render/fits"])
def test_cache_that_cannot_be_made_is_no_error(tmp_path, fit_file, reads, blocker):
    path = tmp_path / "cache" / blocker
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("in the way")
    first = read_fits("eft", fit_file)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 2
    assert path.read_text() == "in the way"


def test_cache_folder_that_cannot_be_looked_into_is_no_error(monkeypatch, fit_file, reads):
    # Of a folder without permission, root would not notice.
    monkeypatch.setenv("XDG_CACHE_HOME", "/" + "x" * 300)
    first = read_fits("eft", fit_file)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 2


def test_home_of_nobody_is_no_error(monkeypatch, fit_file, reads):
    def fail():
        raise PermissionError("it is not a folder of this user's alone")

    monkeypatch.setattr("render.fits.kept.cache.find_cache_dir", fail)
    assert len(read_fits("eft", fit_file)[0]) == 5


def test_entry_that_may_only_be_read_is_used(monkeypatch, fit_file, reads, caplog):
    first = read_fits("eft", fit_file)

    def fail(*args, **kwargs):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "utime", fail)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 1
    assert not caplog.records


def test_disk_that_is_full_is_no_error_and_leaves_nothing(monkeypatch, fit_file, reads, cache_dir):
    save = np.save

    def fail(path, *args, **kwargs):
        if path.name == "scale.npy":
            raise OSError(28, "No space left on device")
        save(path, *args, **kwargs)

    monkeypatch.setattr(np, "save", fail)
    assert len(read_fits("eft", fit_file)[0]) == 5
    assert list_entries(cache_dir) == []


def test_file_that_changes_while_it_is_read_is_not_kept(monkeypatch, fit_file, cache_dir):
    def change_and_read(file):
        fit_file.write_text(make_content(seed=9))
        return eft.read(file)

    before = fit_file.read_text()
    with monkeypatch.context() as patch:
        set_reader(patch, change_and_read)
        changed = read_fits("eft", fit_file)
    assert list_entries(cache_dir) == []
    fit_file.write_text(before)
    assert read_fits("eft", fit_file)[0].annot_id.tolist() != changed[0].annot_id.tolist()


def test_file_that_is_removed_while_it_is_read_is_not_kept(monkeypatch, fit_file, cache_dir):
    def read_and_remove(file):
        found = eft.read(file)
        file.path.unlink()
        return found

    set_reader(monkeypatch, read_and_remove)
    assert len(read_fits("eft", fit_file)[0]) == 5
    assert list_entries(cache_dir) == []


@pytest.mark.parametrize(
    "name",
    [
        "fits/eft_rows.py",
        "containers/json_stream.py",
        "fits/formats/eft.py",
        "files/image_names.py",
        "types/fits.py",
        "types/sources.py",
    ],
)
def test_code_that_reads_otherwise_finds_no_entry(monkeypatch, tmp_path, fit_file, reads, name):
    monkeypatch.setattr(cache, "_hash_reader", hash_reader)
    read_fits("eft", fit_file)
    sources = tmp_path / "sources"
    shutil.copytree(ROOT / "render", sources)
    monkeypatch.setattr(cache, "__file__", str(sources / "fits" / "kept" / "cache.py"))
    read_fits("eft", fit_file)
    assert len(reads) == 1
    with open(sources / name, "a") as file:
        file.write("#")
    for _ in range(2):
        read_fits("eft", fit_file)
    assert len(reads) == 2


def test_entries_that_were_used_last_are_kept(monkeypatch, tmp_path, reads, cache_dir):
    monkeypatch.setattr(cache, "MOST_KEPT", 3)
    paths = [tmp_path / f"fits_{k}.json" for k in range(5)]
    known = {}
    for age, path in enumerate(paths):
        path.write_text(make_content(seed=age))
        read_fits("eft", path)
        (known[path],) = set(list_entries(cache_dir)) - set(known.values())
        os.utime(known[path], (age + 1, age + 1))
        if age == 3:
            # The oldest is used again.
            assert known[paths[0]] not in list_entries(cache_dir)
            read_fits("eft", paths[1])
    assert set(list_entries(cache_dir)) == {known[paths[k]] for k in (1, 3, 4)}


def test_what_a_run_has_long_not_finished_is_removed(fit_file, cache_dir):
    """But not what another one may still be at work on."""
    cache_dir.mkdir(parents=True)
    for name, age_s in ((".old.tmp", cache.LONGEST_WORK_S + 60), (".new.tmp", 60)):
        (cache_dir / name).mkdir()
        os.utime(cache_dir / name, (time.time() - age_s,) * 2)
    read_fits("eft", fit_file)
    assert [path.name for path in list_entries(cache_dir) if path.suffix == ".tmp"] == [".new.tmp"]


def test_small_files_are_not_kept(monkeypatch, fit_file, reads, cache_dir):
    monkeypatch.setattr(cache, "LEAST_BYTES", fit_file.stat().st_size + 1)
    read_fits("eft", fit_file)
    assert list_entries(cache_dir) == []
    monkeypatch.setattr(cache, "LEAST_BYTES", fit_file.stat().st_size)
    read_fits("eft", fit_file)
    assert len(list_entries(cache_dir)) == 1


def test_file_that_is_refused_is_not_kept(fit_file, cache_dir):
    fit_file.write_text('{"data": [{}]}')
    for _ in range(2):
        with pytest.raises(FitFileError, match="none of its 1 rows is valid"):
            read_fits("eft", fit_file)
    assert list_entries(cache_dir) == []


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from render.fits.kept import cache
from render.fits.read import read_fits
from render.registry import Registry
cache.LEAST_BYTES = 1
save = np.save
def save_and_die(path, *args, **kwargs):
    save(path, *args, **kwargs)
    if path.name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
np.save = save_and_die
read_fits("eft", Path(sys.argv[1]))
"""


@pytest.mark.parametrize("name", ["row.npy", "0_points_px.npy"])
def test_killed_while_it_saves_leaves_nothing_that_is_found(fit_file, reads, cache_dir, name):
    killed = subprocess.run([sys.executable, "-c", KILLED, fit_file, name], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [path.suffix for path in list_entries(cache_dir)] == [".tmp"]
    first = read_fits("eft", fit_file)
    check_same(read_fits("eft", fit_file), first)
    assert len(reads) == 1
    (entry,) = (path for path in list_entries(cache_dir) if path.suffix != ".tmp")
    check_whole(entry)


def test_a_new_version_of_the_package_of_a_format_finds_no_entry(monkeypatch, fit_file, reads):
    for version, expected in (("1.0", 1), ("1.0", 1), ("2.0", 2)):
        monkeypatch.setattr(Registry, "identify", lambda *_, version=version: f"extras {version}")
        read_fits("eft", fit_file)
        assert len(reads) == expected
