"""The host's CUDA code without a GPU: streams, events, and memory that others may have or that runs out.

Whole runs on a device that is not there, which does everything late and in any order that CUDA allows, and
lets others write at once to memory that was let go of: see `tests/helpers/late_streams.py`. They must give
the bytes of runs on the CPU, whatever the order. LATE_SEEDS=N tries N orders of each.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch

from render.compute.transfer import DeviceQueue, PixelPool, upload
from render.library.renderer import BatchRenderer
from render.run import pipelines, schedule
from render.run.report import Report
from tests.helpers.late_device import LateCodec, late_device
from tests.helpers.late_tensors import LateTensors
from tests.helpers.runs import ORIGINAL, files_below, run
from tests.helpers.small_set import SmallSet, make_small_set

PEOPLE = 6
# Three batches, all under way at the same time.
ON_DEVICE = ("device=cuda", "batch=2")
SEEDS = range(int(os.environ.get("LATE_SEEDS", "2")))
# Of mistakes, until one shows.
MOST_TRIES = 10


@pytest.fixture(scope="module")
def small(demo_set, tmp_path_factory) -> SmallSet:
    return make_small_set(demo_set.fit_file, tmp_path_factory.mktemp("small") / "set", PEOPLE)


@pytest.fixture(scope="module")
def on_cpu(small, tmp_path_factory) -> Callable[..., dict[str, bytes]]:
    """The files of a run on the CPU with these settings."""
    kept: dict[tuple[str, ...], dict[str, bytes]] = {}

    def draw(*words: str) -> dict[str, bytes]:
        if words not in kept:
            out = tmp_path_factory.mktemp("cpu")
            run(*small.settings, *words, f"output.dir={out}")
            kept[words] = files_below(out)
        return kept[words]

    return draw


@pytest.fixture(scope="module")
def device() -> Iterator[LateTensors]:
    with late_device() as late:
        yield late


@pytest.fixture
def late(device, monkeypatch) -> LateTensors:
    """The device, with memory enough, and without a codec."""
    device.streams.reseed(0)
    monkeypatch.setattr(device.memory, "runs_out", device.memory.runs_out)
    return device


@pytest.fixture
def draw(small, tmp_path) -> Callable[..., tuple[Report, dict[str, bytes]]]:
    """Runs on the device; gives the report and the files."""

    def draw(*words: str) -> tuple[Report, dict[str, bytes]]:
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        report = run(*small.settings, *ON_DEVICE, *words, f"output.dir={out}")
        return report, files_below(out)

    return draw


def use_codec(late: LateTensors, monkeypatch) -> LateCodec:
    """From now on the device encodes."""
    codec = LateCodec(late)
    monkeypatch.setattr("render.write.device_encoder.open_nvimgcodec", lambda: codec)
    return codec


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


def begin_at_first_batch(late: LateTensors, monkeypatch, runs_out: Callable[[int, int], bool]) -> None:
    """Lets memory run out when batches are made, not while the run is opened."""
    make = schedule.make_batch

    def make_and_begin(*args, **kwargs):
        monkeypatch.setattr(schedule, "make_batch", make)
        late.memory.asked = late.memory.peak_bytes = 0
        late.memory.runs_out = runs_out
        return make(*args, **kwargs)

    monkeypatch.setattr(schedule, "make_batch", make_and_begin)


@pytest.mark.parametrize("encodes", [False, True])
def test_memory_that_runs_out_costs_no_sheet(late, draw, on_cpu, monkeypatch, caplog, encodes):
    """First a run that says how much it needs; then one with less."""
    caplog.set_level("INFO")
    if encodes:
        use_codec(late, monkeypatch)
    begin_at_first_batch(late, monkeypatch, lambda asked, total: False)
    draw(ORIGINAL, "batch=6")
    standing = late.memory.bytes
    most = standing + int(0.5 * (late.memory.peak_bytes - standing))
    assert "did not fit into memory" not in caplog.text
    begin_at_first_batch(late, monkeypatch, lambda asked, total: total > most)
    report, files = draw(ORIGINAL, "batch=6")
    assert "did not fit into memory" in caplog.text
    assert (report.rendered, report.failed) == (PEOPLE, [])
    assert files == on_cpu(ORIGINAL)


@pytest.fixture(scope="module")
def asked() -> list[int]:
    """How many tensors the batches of a run make, once a run has told."""
    return []


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_memory_that_runs_out_once_anywhere(late, draw, on_cpu, monkeypatch, asked, share):
    """At one tensor of the run, wherever it is made."""
    if not asked:
        begin_at_first_batch(late, monkeypatch, lambda asked, total: False)
        draw(ORIGINAL)
        asked.append(late.memory.asked)
    at = 1 + int(share * asked[0])
    begin_at_first_batch(late, monkeypatch, lambda asked, total: asked == at)
    report, files = draw(ORIGINAL)
    assert (report.rendered, report.failed) == (PEOPLE, [])
    assert files == on_cpu(ORIGINAL)


@pytest.mark.slow
def test_meshes_are_not_let_go_of_while_rays_may_meet_them(late, draw, on_cpu, monkeypatch):
    """Warp frees them at once, though kernels of a batch that did not fit are still to run."""
    words = (ORIGINAL, "panels=[crop/studio]", "rays=16", "samples=0:2")
    expected, lost = on_cpu(*words), late.lost_meshes
    fetch = BatchRenderer._fetch

    def fetch_or_fail(*args):
        monkeypatch.setattr(BatchRenderer, "_fetch", fetch)
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(BatchRenderer, "_fetch", fetch_or_fail)
    assert draw(*words)[1] == expected
    assert late.lost_meshes == lost


def forget_to_wait(monkeypatch) -> None:
    monkeypatch.setattr(DeviceQueue, "wait", lambda queue: None)


def give_buffers_back_early(monkeypatch) -> None:
    """While the device copies from them and into them."""

    @contextmanager
    def lend(pool: PixelPool, count: int) -> Iterator[torch.Tensor]:
        buffer = pool._buffers.take(count)
        pool._buffers.give_back(buffer)
        yield buffer[:count]

    monkeypatch.setattr(PixelPool, "lend", lend)


def upload_in_no_queue(monkeypatch) -> None:
    """Photos, on the default stream, which no queue waits for."""

    def upload_elsewhere(*args) -> torch.Tensor:
        with torch.cuda.stream(torch.cuda.default_stream()):
            return upload(*args)

    monkeypatch.setattr(pipelines, "upload", upload_elsewhere)


def download_beside(monkeypatch) -> None:
    """On a stream that does not wait for what is drawn, though the host waits for both."""
    beside = torch.cuda.Stream()
    wait = DeviceQueue.wait

    def download(queue: DeviceQueue, source: torch.Tensor, pinned: torch.Tensor | None = None):
        with torch.cuda.stream(beside):
            return source.to("cpu", non_blocking=True) if pinned is None else pinned.copy_(source, True)

    def wait_for_both(queue: DeviceQueue) -> None:
        beside.synchronize()
        wait(queue)

    monkeypatch.setattr(DeviceQueue, "download", download)
    monkeypatch.setattr(DeviceQueue, "wait", wait_for_both)


@pytest.mark.parametrize(
    ("spoil", "encodes"),
    [
        (forget_to_wait, False),
        pytest.param(give_buffers_back_early, False, marks=pytest.mark.slow),
        pytest.param(download_beside, False, marks=pytest.mark.slow),
        (upload_in_no_queue, True),
    ],
)
def test_mistakes_are_seen(late, draw, on_cpu, monkeypatch, spoil, encodes):
    """Else all of this would say nothing."""
    if encodes:
        use_codec(late, monkeypatch)
    spoil(monkeypatch)
    # Some need two batches at the same time, and a busy machine may draw one after the other.
    assert any(draw(ORIGINAL)[1] != on_cpu(ORIGINAL) for _ in range(MOST_TRIES))
