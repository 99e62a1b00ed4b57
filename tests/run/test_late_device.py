"""The host's CUDA code without a GPU: streams, events, and memory that others may have or that runs out.

Whole runs on a device that is not there, which does everything late and in any order that CUDA allows, and
lets others write at once to memory that was let go of: see `tests/helpers/late_streams.py`. They must give
the bytes of runs on the CPU, whatever the order. LATE_SEEDS=N tries N orders of each.
"""

import gc
import os
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
import torch

from render.library.renderer import BatchRenderer
from render.run import schedule
from render.run.clips import schedule as clips_schedule
from render.run.report import Report
from tests.helpers.late_device import LateCodec, late_device
from tests.helpers.late_mistakes import (
    decode_in_no_queue,
    download_beside,
    forget_to_wait,
    give_buffers_back_early,
    let_go_of_photos_early,
    upload_in_no_queue,
)
from tests.helpers.late_tensors import LateTensors
from tests.helpers.motion_set import make_motion_set
from tests.helpers.runs import ORIGINAL, files_below, run
from tests.helpers.small_set import SmallSet, make_small_set

PEOPLE = 6
DECODED = (ORIGINAL, "decoder=gpu")
# Two clips, of which the frames of the first are three batches.
CLIPS = ("job=video", "output=webp", "panels=[camera/geo, side/normal]")
SEQUENCES = {"walk": (5, range(1, 4)), "run": (2, range(2))}
# Three batches, all under way at the same time.
ON_DEVICE = ("device=cuda", "batch=2")
SEEDS = range(int(os.environ.get("LATE_SEEDS", "2")))
# Of mistakes, until one shows.
MOST_TRIES = 10


@pytest.fixture(scope="module")
def small(demo_set, tmp_path_factory) -> SmallSet:
    return make_small_set(demo_set.fit_file, tmp_path_factory.mktemp("small") / "set", PEOPLE)


@pytest.fixture(scope="module")
def moving(demo_set, tmp_path_factory) -> SmallSet:
    return make_motion_set(demo_set.fit_file, tmp_path_factory.mktemp("moving") / "set", SEQUENCES)


@pytest.fixture(scope="module")
def on_cpu(small, tmp_path_factory) -> Callable[..., dict[str, bytes]]:
    """The files of a run on the CPU with these settings."""
    kept: dict[tuple[str, ...], dict[str, bytes]] = {}

    def draw(*words: str, of: SmallSet = small) -> dict[str, bytes]:
        if words not in kept:
            out = tmp_path_factory.mktemp("cpu")
            run(*of.settings, *words, f"output.dir={out}")
            kept[words] = files_below(out)
        return kept[words]

    return draw


@pytest.fixture(scope="module")
def device() -> Iterator[LateTensors]:
    with late_device() as late:
        yield late


@pytest.fixture
def late(device, monkeypatch) -> Iterator[LateTensors]:
    """The device, with memory enough, and without a codec.

    Python's collector is at rest: nothing may have to wait for it until memory is free, and where it came
    upon the device's tensors in a thread of a run, torch has crashed.
    """
    device.streams.reseed(0)
    # Or streams of earlier tests would keep for ever what is free.
    device.memory.release()
    monkeypatch.setattr(device.memory, "runs_out", device.memory.runs_out)
    gc.disable()
    yield device
    gc.enable()


@pytest.fixture
def draw(small, tmp_path) -> Callable[..., tuple[Report, dict[str, bytes]]]:
    """Runs on the device; gives the report and the files."""

    def draw(*words: str, of: SmallSet = small) -> tuple[Report, dict[str, bytes]]:
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        report = run(*of.settings, *ON_DEVICE, *words, f"output.dir={out}")
        return report, files_below(out)

    return draw


def use_codec(late: LateTensors, monkeypatch) -> LateCodec:
    """From now on the device encodes, and may decode."""
    codec = LateCodec(late)
    for module in ("render.write.device_encoder", "render.photos.gpu.device_decoder"):
        monkeypatch.setattr(f"{module}.open_nvimgcodec", lambda: codec)
    return codec


def list_sheets(files: dict[str, bytes]) -> dict[str, bytes]:
    """The sheets among the files of a run; its manifest says who decoded."""
    return {name: content for name, content in files.items() if name.endswith(".jpg")}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_bytes_in_any_order(late, draw, on_cpu, seed):
    late.streams.reseed(seed)
    assert draw(ORIGINAL)[1] == on_cpu(ORIGINAL)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_bytes_where_the_device_encodes(late, draw, on_cpu, monkeypatch, seed):
    late.streams.reseed(seed)
    codec = use_codec(late, monkeypatch)
    assert draw(ORIGINAL)[1] == on_cpu(ORIGINAL)
    # One more is the trial.
    assert codec.encoded == PEOPLE + 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_bytes_where_the_device_decodes(late, draw, on_cpu, monkeypatch, seed):
    late.streams.reseed(seed)
    codec = use_codec(late, monkeypatch)
    sheets = list_sheets(draw(*DECODED)[1])
    assert sheets == list_sheets(on_cpu(ORIGINAL))
    assert len(sheets) == PEOPLE
    # One more is the trial.
    assert codec.decoded > 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_clips_have_the_same_bytes(late, draw, on_cpu, moving, seed):
    """Their frames are measured before they are drawn, and encoded in turn."""
    late.streams.reseed(seed)
    assert draw(*CLIPS, of=moving)[1] == on_cpu(*CLIPS, of=moving)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "words",
    [
        # Smooth edges, for which the host waits for each chunk.
        (),
        # With alpha, and nothing of the bodies opaque.
        ("panels=[camera/clay/transparent, side/colorgeo/transparent]", "opacity=0.6", "output=png"),
        ("panels=[camera/studio, camera/wireframe, side/normal/ground]",),
        ("panels=[crop/studio]", "rays=16"),
        ("panels=[top/geo, orbit:30/normal]", "people=together"),
        ("annotate=[bbox, keypoints]",),
        ("job=labels",),
        ("job=labels", "people=together"),
        ("job=meshes",),
    ],
    ids=" ".join,
)
def test_all_that_is_made_has_the_same_bytes(late, draw, on_cpu, words, seed):
    late.streams.reseed(seed)
    assert draw(*words)[1] == on_cpu(*words)


def begin_at_first_batch(
    late: LateTensors, monkeypatch, runs_out: Callable[[int, int], bool], module: ModuleType = schedule
) -> None:
    """Lets memory run out when batches are made, by a module, not while the run is opened."""
    # What earlier tests have left is not of this run.
    gc.collect()
    make = module.make_batch

    def make_and_begin(*args, **kwargs):
        monkeypatch.setattr(module, "make_batch", make)
        late.memory.asked = late.memory.peak_bytes = 0
        late.memory.runs_out = runs_out
        return make(*args, **kwargs)

    monkeypatch.setattr(module, "make_batch", make_and_begin)


@pytest.mark.parametrize(
    ("codec", "words"),
    [(False, (ORIGINAL,)), (True, (ORIGINAL,)), pytest.param(True, DECODED, marks=pytest.mark.slow)],
)
def test_memory_that_runs_out_costs_no_sheet(late, draw, on_cpu, monkeypatch, caplog, codec, words):
    """First a run that says how much it needs; then one with less."""
    caplog.set_level("INFO")
    if codec:
        use_codec(late, monkeypatch)
    begin_at_first_batch(late, monkeypatch, lambda asked, total: False)
    draw(*words, "batch=6")
    standing = late.memory.bytes
    # A sheet by itself takes half of what six take, whose visibility buffer is no larger.
    most = standing + int(0.7 * (late.memory.peak_bytes - standing))
    assert "did not fit into memory" not in caplog.text
    begin_at_first_batch(late, monkeypatch, lambda asked, total: total > most)
    report, files = draw(*words, "batch=6")
    assert "did not fit into memory" in caplog.text
    assert (report.rendered, report.failed) == (PEOPLE, [])
    assert list_sheets(files) == list_sheets(on_cpu(ORIGINAL))


@pytest.fixture(scope="module")
def asked() -> dict[tuple[str, ...], int]:
    """How many tensors the batches of a run with these settings make, once one has told."""
    return {}


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
@pytest.mark.parametrize("words", [(ORIGINAL,), DECODED], ids=" ".join)
def test_memory_that_runs_out_once_anywhere(late, draw, on_cpu, monkeypatch, asked, words, share):
    """At one tensor of the run, wherever it is made."""
    if words == DECODED:
        use_codec(late, monkeypatch)
    if words not in asked:
        begin_at_first_batch(late, monkeypatch, lambda asked, total: False)
        draw(*words)
        asked[words] = late.memory.asked
    at = 1 + int(share * asked[words])
    begin_at_first_batch(late, monkeypatch, lambda asked, total: asked == at)
    report, files = draw(*words)
    assert (report.rendered, report.failed) == (PEOPLE, [])
    assert list_sheets(files) == list_sheets(on_cpu(ORIGINAL))


@pytest.mark.slow
def test_memory_that_runs_out_once_costs_no_frame(late, draw, on_cpu, moving, monkeypatch):
    """While one is drawn by itself, beside others."""
    words = (*CLIPS, "batch=1")
    begin_at_first_batch(late, monkeypatch, lambda asked, total: False, clips_schedule)
    draw(*words, of=moving)
    at = 1 + int(0.8 * late.memory.asked)
    begin_at_first_batch(late, monkeypatch, lambda asked, total: asked == at, clips_schedule)
    assert draw(*words, of=moving)[1] == on_cpu(*words, of=moving)


@pytest.mark.slow
@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), LookupError("lost")])
def test_meshes_are_not_let_go_of_while_rays_may_meet_them(late, draw, on_cpu, monkeypatch, error):
    """Warp frees them at once, though kernels of a batch that failed are still to run."""
    words = (ORIGINAL, "panels=[crop/studio]", "rays=16", "samples=0:4")
    expected, lost = on_cpu(*words), late.lost_meshes
    fetch = BatchRenderer._fetch

    def fetch_or_fail(*args):
        monkeypatch.setattr(BatchRenderer, "_fetch", fetch)
        raise error

    monkeypatch.setattr(BatchRenderer, "_fetch", fetch_or_fail)
    if isinstance(error, LookupError):
        with pytest.raises(LookupError, match="lost"):
            draw(*words)
        error.__traceback__ = None
    else:
        assert draw(*words)[1] == expected
    assert late.lost_meshes == lost


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (forget_to_wait, ()),
        pytest.param(give_buffers_back_early, (), marks=pytest.mark.slow),
        pytest.param(download_beside, (), marks=pytest.mark.slow),
        (upload_in_no_queue, ("decoder=cpu",)),
        pytest.param(decode_in_no_queue, ("decoder=gpu",), marks=pytest.mark.slow),
        (let_go_of_photos_early, ("decoder=gpu",)),
    ],
)
def test_mistakes_are_seen(late, draw, on_cpu, monkeypatch, spoil, words):
    """Else all of this would say nothing."""
    # Where nothing is said of a decoder, the CPU encodes too.
    if words:
        use_codec(late, monkeypatch)
    spoil(monkeypatch)
    expected = list_sheets(on_cpu(ORIGINAL))
    # Some need two batches at the same time, and a busy machine may draw one after the other.
    assert any(list_sheets(draw(ORIGINAL, *words)[1]) != expected for _ in range(MOST_TRIES))
