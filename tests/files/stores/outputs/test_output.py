"""An output on an object store is, for all that is above it, as one on the disk."""

import io

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from render.errors import OutputError, SheetError
from render.files.digest import identify
from render.files.output_dir import OutputDir
from render.files.stores.outputs import output as outputs
from render.files.stores.outputs.objects import Objects
from tests.helpers.folders import files_below
from tests.helpers.stores import URL, objects_in, open_in_memory

# Some lie below others' folders, and some begin as others do.
NAMES = [
    "a.jpg",
    "a/b.jpg",
    "a/b.png",
    "a/c/d é+%20.jpg",
    "b",
    "manifest.jsonl",
    "manifest.1of2.jsonl",
    "z.csv",
]
STAGED = [".staged/000000/a.jpg", ".staged/000000/b.jpg", ".staged/1of2-000000/a.jpg"]
names = st.sampled_from(NAMES + STAGED)
contents = st.binary(max_size=20)


class Both:
    """The same is done on the disk, on a store and to a dict, and what they say is compared."""

    def __init__(self, folder):
        self.disk, self.store = OutputDir(folder), MemoryStore()
        self.object_output = open_in_memory(self.store)
        self.folder, self.expected = folder, {}

    def do(self, what, *args):
        found = [self._call(one, what, *args) for one in (self.disk, self.object_output)]
        assert found[0] == found[1]
        return found[0]

    def _call(self, output, what, *args):
        if what == "create":
            name, content = args
            with output.create(name) as file:
                # Encoders go back to what they have written.
                file.write(content + content)
                file.seek(0)
                file.truncate()
                file.write(content)
            return file.id
        if what == "read":
            try:
                with output.open(args[0]) as file:
                    return file.read()
            except FileNotFoundError:
                return None
        if what == "read_part":
            with output.open(args[0]) as file:
                file.seek(args[1])
                return file.read(args[2])
        if what == "list_names":
            # Its folders are no files, and are left out.
            return {name for name in output.list_names(args[0]) if name in NAMES}
        if what == "read_lines":
            return list(output.read_lines(*args))
        return getattr(output, what)(*args)


@hypothesis_settings(max_examples=60)
@given(data=st.data())
def test_any_operations_are_as_on_the_disk(tmp_path_factory, data):
    both = Both(tmp_path_factory.mktemp("disk"))
    expected = both.expected
    for _ in range(data.draw(st.integers(1, 12))):
        what = data.draw(st.sampled_from(["write", "write_together", "create", "remove"]))
        name, content = data.draw(names), data.draw(contents)
        if what == "write_together":
            files = data.draw(st.dictionaries(names, contents, min_size=1, max_size=4))
            both.do(what, files)
            expected |= files
        elif what == "remove":
            both.do(what, name)
            expected.pop(name, None)
        elif what == "create":
            name = data.draw(st.sampled_from(NAMES))
            assert both.do(what, name, content) == identify(content)
            expected[name] = content
        else:
            both.do(what, name, content)
            expected[name] = content
        looked_at = data.draw(names)
        found = expected.get(looked_at)
        assert both.do("read", looked_at) == found
        assert both.do("measure", looked_at) == (None if found is None else len(found))
        if found is not None:
            start, length = data.draw(st.integers(0, 25)), data.draw(st.integers(0, 25))
            assert both.do("read_part", looked_at, start, length) == found[start : start + length]
            if looked_at not in STAGED:
                assert both.do("read_end", looked_at, length) == found[max(0, len(found) - length) :]
    prefix = data.draw(st.sampled_from(["", "a", "man", "manifest", "zz"]))
    both.do("list_names", prefix)
    staged = {name.split("/")[1] for name in expected if name in STAGED}
    # Of the disk a folder that became empty is still there.
    assert set(both.object_output.list_folders(".staged")) == staged <= set(both.disk.list_folders(".staged"))
    assert files_below(both.folder) == expected
    # No other name, and nothing of what is not packed yet.
    assert objects_in(both.store) == {n: content for n, content in expected.items() if n not in STAGED}


@given(
    lines=st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b""))),
    longest=st.integers(1, 12),
)
@hypothesis_settings(max_examples=30)
def test_lines_are_cut_as_on_the_disk(tmp_path_factory, lines, longest):
    both = Both(tmp_path_factory.mktemp("disk"))
    both.do("write", "manifest.jsonl", b"\n".join(lines))
    both.do("read_lines", "manifest.jsonl", longest)
    assert both.do("read_lines", "not-there.jsonl", longest) == []


def test_what_hinders_one_file_of_several_removes_all():
    store = MemoryStore()
    output = open_in_memory(store)
    output.write("a.png", b"old")
    begun = []
    with pytest.raises(SheetError, match="expected a name of at most 1024 bytes"):
        output.write_together(
            {"a.png": b"1", "b/" + "x" * 1100: b"2", "c.png": b"3"}, lambda: begun.append(1)
        )
    assert objects_in(store) == {}
    assert begun == [1]


def test_a_name_that_no_store_takes_costs_its_own_sheet():
    output = open_in_memory(MemoryStore())
    with pytest.raises(SheetError, match="no text"):
        output.write("a\udcff.jpg", b"")
    # With the prefix exactly as long as S3 has it.
    output.write("x" * (1024 - len(URL.key) - 1), b"")


def test_a_file_that_comes_to_no_end_is_not_there():
    store = MemoryStore()
    output = open_in_memory(store)

    def fail_half_way():
        with output.create("clip.mp4") as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert objects_in(store) == {}


class Careless(Objects):
    """A server that does what it is asked, whatever the conditions are."""

    def create(self, name, content):
        return self.put(name, content)


def test_a_store_that_ignores_conditions_is_refused():
    with pytest.raises(OutputError, match="whatever the conditions are"):
        outputs.StoreOutput(Careless(MemoryStore(), URL))


class Crowded(Objects):
    """Another run removes what this one tries out, whenever it is about to create it."""

    def create(self, name, content):
        if name == ".probe":
            self.delete([name])
        return super().create(name, content)


def test_runs_that_begin_together_do_not_take_the_store_for_one_that_ignores_conditions():
    store = MemoryStore()
    outputs.StoreOutput(Crowded(store, URL))
    assert objects_in(store) == {}


def test_full_scratch_is_said_in_words(monkeypatch):
    def fail(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", fail)
    output = open_in_memory(MemoryStore())
    for write in (lambda: output.write(".staged/0/a", b""), lambda: output.create("a").__enter__()):
        with pytest.raises(OutputError, match=r"files that are on their way .* is full.*TMPDIR"):
            write()


def test_large_files_go_in_parts(monkeypatch):
    store = MemoryStore()
    monkeypatch.setattr("render.files.stores.outputs.objects.PART_BYTES", 5 << 20)
    content = bytes(range(256)) * (1 << 16)
    with open_in_memory(store).create("0.tar") as file:
        file.write(content)
    assert objects_in(store) == {"0.tar": content}
    output = open_in_memory(store)
    with io.BufferedReader(output.open("0.tar"), 1 << 20) as reader:
        assert reader.read() == content
