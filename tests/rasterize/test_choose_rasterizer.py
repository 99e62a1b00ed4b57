"""Which rasterizer draws, what is said of it, and what is said where none does."""

import re
import sys
from collections.abc import Iterator

import pytest
import torch

from render.errors import ConfigError, RasterizerError
from render.rasterize.backends import pytorch3d, warp
from render.rasterize.choose import choose_rasterizer
from render.rasterize.load_pytorch3d import load_pytorch3d
from render.rasterize.rasterizer import RASTERIZERS
from tests.helpers.commands import call
from tests.helpers.drawing import GOLDEN_FITS
from tests.helpers.runs import configure, run, sheets_below

CPU = torch.device("cpu")
OURS = warp.Rasterizer
INSTALL_PAGE = "https://github.com/facebookresearch/pytorch3d/blob/main/INSTALL.md"

BROKEN = """
try:
    try:
        raise OSError("libcudart.so.99: cannot open shared object file")
    except OSError as error:
        raise RuntimeError("no kernels for this GPU") from error
except RuntimeError:
    raise ImportError("cannot import name _C")
"""


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Nothing was tried before, and what is tried here is not remembered."""
    for tried in (choose_rasterizer, load_pytorch3d):
        tried.cache_clear()
    yield
    for tried in (choose_rasterizer, load_pytorch3d):
        tried.cache_clear()


@pytest.fixture
def other(monkeypatch) -> type:
    """In place of what draws with PyTorch3D: our own under another name."""

    class Other(OURS):
        pass

    monkeypatch.setattr(pytorch3d, "Rasterizer", Other)
    return Other


class Failing:
    """A rasterizer whose driver does not answer."""

    ADVICE = "Start the driver"

    def __init__(self, *_) -> None:
        raise RuntimeError("no driver answers")


class Blind(OURS):
    """A rasterizer that says nothing is wrong, and draws nothing."""

    def open(self, is_supersampled, keys):
        return lambda chunk: None


@pytest.fixture
def broken_pytorch3d(tmp_path, monkeypatch):
    """A package named pytorch3d, whose import fails for several reasons, is found before any other."""
    package = tmp_path / "broken" / "pytorch3d"
    for folder in (package, package / "renderer", package / "structures"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    (package / "renderer" / "__init__.py").write_text(BROKEN)
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "pytorch3d"}
    monkeypatch.syspath_prepend(str(package.parent))
    yield package.parent
    for name in list(sys.modules):
        if name.split(".")[0] == "pytorch3d":
            del sys.modules[name]
    sys.modules.update(kept)


def test_ours_comes_first_and_nothing_else_is_tried(monkeypatch, caplog):
    monkeypatch.setattr(pytorch3d, "Rasterizer", Failing)
    assert RASTERIZERS.names[0] == "warp"
    assert choose_rasterizer("auto", CPU) == ("warp", OURS)
    assert caplog.messages == []


def test_each_can_be_asked_for(other):
    assert choose_rasterizer("warp", CPU) == ("warp", OURS)
    assert choose_rasterizer("pytorch3d", CPU) == ("pytorch3d", other)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (Failing, "does not work on cpu: RuntimeError: no driver answers"),
        (Blind, "draws 0 of the 36 pixels of a triangle on cpu"),
    ],
)
def test_if_ours_fails_the_next_is_taken_with_a_warning(monkeypatch, caplog, other, fault, cause):
    monkeypatch.setattr(warp, "Rasterizer", fault)
    assert choose_rasterizer("auto", CPU) == ("pytorch3d", other)
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert (
        record.getMessage() == f"rasterizer=warp: {cause}. {fault.ADVICE}; going on with rasterizer=pytorch3d"
    )


def test_one_that_was_asked_for_is_never_replaced(monkeypatch, other):
    monkeypatch.setattr(warp, "Rasterizer", Failing)
    with pytest.raises(
        RasterizerError, match=r"^rasterizer=warp: does not work on cpu: RuntimeError: no driver"
    ):
        choose_rasterizer("warp", CPU)


def test_if_all_fail_all_causes_are_told(monkeypatch, broken_pytorch3d):
    monkeypatch.setattr(warp, "Rasterizer", Blind)
    with pytest.raises(RasterizerError) as raised:
        choose_rasterizer("auto", CPU)
    first, ours, theirs = str(raised.value).splitlines()
    assert first == "no rasterizer works:"
    assert ours == f"  rasterizer=warp: draws 0 of the 36 pixels of a triangle on cpu. {OURS.ADVICE}"
    assert theirs.startswith("  rasterizer=pytorch3d: PyTorch3D cannot be imported: ")
    assert "libcudart.so.99" in theirs


def test_what_failed_is_tried_again(monkeypatch):
    """And what worked is not: each batch would draw a triangle more."""
    monkeypatch.setattr(warp, "Rasterizer", Failing)
    with pytest.raises(RasterizerError):
        choose_rasterizer("warp", CPU)
    monkeypatch.setattr(warp, "Rasterizer", OURS)
    chosen = choose_rasterizer("warp", CPU)
    monkeypatch.setattr(warp, "Rasterizer", Failing)
    assert choose_rasterizer("warp", CPU) is chosen


@pytest.mark.parametrize("name", ["opengl", "Warp", ""])
def test_an_unknown_name_is_refused_with_those_there_are(name):
    with pytest.raises(ConfigError, match="rasterizer: expected one of auto, warp, pytorch3d, found"):
        configure(f"rasterizer={name}")
    with pytest.raises(RasterizerError, match="rasterizer: expected auto, warp or pytorch3d, found"):
        choose_rasterizer(name, CPU)


def test_a_missing_pytorch3d_says_where_it_is(monkeypatch):
    """Its install page, and the versions that were tested."""
    for name in list(sys.modules):
        if name.startswith("pytorch3d."):
            monkeypatch.delitem(sys.modules, name)
    # For Python a module that cannot be found.
    monkeypatch.setitem(sys.modules, "pytorch3d", None)
    with pytest.raises(RasterizerError) as raised:
        choose_rasterizer("pytorch3d", CPU)
    message = str(raised.value)
    assert message.startswith("rasterizer=pytorch3d: PyTorch3D cannot be imported: ModuleNotFoundError: ")
    assert INSTALL_PAGE in message
    assert re.search(r"tested here: PyTorch3D \d+\.\d+\.\d+ with torch \d+\.\d+\.\d+", message)
    assert "\n" not in message


def test_a_broken_pytorch3d_is_told_with_every_cause(broken_pytorch3d):
    """Whether one was raised from the other or while the other was handled."""
    with pytest.raises(RasterizerError) as raised:
        choose_rasterizer("pytorch3d", CPU)
    assert str(raised.value).startswith(
        "rasterizer=pytorch3d: PyTorch3D cannot be imported: ImportError: cannot import name _C; "
        "because of RuntimeError: no kernels for this GPU; "
        "because of OSError: libcudart.so.99: cannot open shared object file. "
    )
    assert INSTALL_PAGE in str(raised.value)


def test_a_cause_that_was_kept_back_is_not_told(broken_pytorch3d):
    """`raise ... from None` says that what was handled does not matter."""
    file = broken_pytorch3d / "pytorch3d" / "renderer" / "__init__.py"
    file.write_text(BROKEN.replace('"cannot import name _C")', '"cannot import name _C") from None'))
    with pytest.raises(RasterizerError, match=r"cannot import name _C\. PyTorch3D is installed as"):
        choose_rasterizer("pytorch3d", CPU)


@pytest.mark.parametrize("line", ["int('x')", "raise AttributeError('x')", "import nothing_of_that_name"])
def test_whatever_the_import_raises_is_an_error_of_ours(broken_pytorch3d, line):
    """Extensions built for another torch fail in many ways."""
    (broken_pytorch3d / "pytorch3d" / "renderer" / "__init__.py").write_text(line)
    with pytest.raises(RasterizerError, match=r"PyTorch3D cannot be imported: .*Error: "):
        load_pytorch3d()


def test_one_that_is_there_and_cannot_draw_gets_the_same_advice(monkeypatch):
    """As a build for the CPU alone, on a GPU."""

    class ForTheCpu(Failing):
        ADVICE = pytorch3d.Rasterizer.ADVICE

    monkeypatch.setattr(pytorch3d, "Rasterizer", ForTheCpu)
    with pytest.raises(RasterizerError, match=r"does not work on cpu: RuntimeError: no driver") as raised:
        choose_rasterizer("pytorch3d", CPU)
    assert INSTALL_PAGE in str(raised.value)


def test_the_command_line_tells_it_without_a_traceback(broken_pytorch3d, tmp_path):
    done = call(*GOLDEN_FITS, f"output.dir={tmp_path}/out", "rasterizer=pytorch3d")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert INSTALL_PAGE in done.err
    for cause in ("cannot import name _C", "no kernels for this GPU", "libcudart.so.99"):
        assert cause in done.err
    assert sheets_below(tmp_path / "out") == {}


def test_a_run_says_which_one_draws(tmp_path, monkeypatch, caplog, other):
    caplog.set_level("INFO")
    few = [*GOLDEN_FITS, "samples=0", "panels=[side/mask]", "size=64x64", "output=png", "threads=1"]
    assert run(*few, f"output.dir={tmp_path}/ours").rendered == 1
    assert re.search("device: .*cpu.*, rasterizer warp$", caplog.text, re.MULTILINE)
    caplog.clear()
    choose_rasterizer.cache_clear()
    monkeypatch.setattr(warp, "Rasterizer", Failing)
    assert run(*few, f"output.dir={tmp_path}/other").rendered == 1
    assert "Start the driver; going on with rasterizer=pytorch3d" in caplog.text
    assert re.search("device: .*cpu.*, rasterizer pytorch3d$", caplog.text, re.MULTILINE)
    assert len(sheets_below(tmp_path / "ours")) == 1
    assert sheets_below(tmp_path / "ours") == sheets_below(tmp_path / "other")
