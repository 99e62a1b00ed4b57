"""Milliseconds a body for rasterizing, ours beside PyTorch3D: python -m benchmarks.raster --peers

Both fill the same visibility buffer with the bodies of `benchmarks.raster`, and must draw the same. They take
turns every few chunks, so that what else the machine does hits both. The time is from projected vertices to
the filled buffer: what a rasterizer does once a batch is in it, for both, unlike in the tables of
`benchmarks.raster`; emptying the buffer is not. On the CPU one core draws.

On the CPU our backend hands PyTorch3D squares of 32 pixels with only the faces that touch them, because by
itself PyTorch3D tries every face at every pixel. So its time is that of a run with rasterizer=pytorch3d, not
of a bare call of its MeshRasterizer; one of those, for one body, is measured too.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

import torch

from benchmarks.coco_like import DEMO_BODY
from benchmarks.peers.bare_pytorch3d import prepare_bare
from benchmarks.rest_pose import PHOTO, SMALL, RestPose, now
from benchmarks.results import print_table, show_spread, spread, write_json
from render.body.charts import read_charts
from render.body.models.smpl import open_body
from render.compute.device import describe_device, open_device
from render.compute.threads import one_thread_each
from render.errors import RasterizerError
from render.rasterize.choose import choose_rasterizer
from render.rasterize.rasterizer import Rasterizer
from render.types.buffer import Chunk, Visibility

OURS, THEIRS = PEERS = ("warp", "pytorch3d")
BATCHES = (1, 16, 256)
# Of each case, after which no pass begins: the largest cases take minutes a pass on the CPU.
BUDGET_S = 30
# So few that both meet the same machine; so many that a rasterizer mostly finds its own in the cache.
TURN_CHUNKS = 8
# A larger share of the samples, and the times would be of different things.
MOST_DIFFERING = 1e-3


class _Drawn(NamedTuple):
    """Samples that ours covers, PyTorch3D, either of them; and those at which their faces differ."""

    ours: int
    theirs: int
    either: int
    differing: int

    def summarize(self) -> dict:
        """Counts, and the share of `either` that differs. Raises RasterizerError if that is too large."""
        share = self.differing / self.either
        if share > MOST_DIFFERING:
            raise RasterizerError(
                f"{OURS} and {THEIRS} draw different faces at {share:.2%} of the covered samples, "
                f"expected at most {MOST_DIFFERING:.2%}: their times cannot be compared"
            )
        return {"covered_samples": {OURS: self.ours, THEIRS: self.theirs}, "differing_share": share}


def _compare(ours: torch.Tensor, theirs: torch.Tensor) -> _Drawn:
    """Of the faces at samples, -1 for none."""
    found = (ours >= 0, theirs >= 0, (ours >= 0) | (theirs >= 0), ours != theirs)
    return _Drawn(*(int(samples.sum()) for samples in found))


def _fill(posed: RestPose, draw: Callable[[Chunk], None], chunk: Chunk) -> tuple[float, torch.Tensor]:
    """Seconds for a chunk, and draw * F + face at each of its samples, -1 for none."""
    posed.keys.fill_(Visibility.EMPTY)
    began = now(posed.device)
    draw(chunk)
    spent = now(posed.device) - began
    # The lower half of each key.
    return spent, posed.keys[: len(chunk.samples)].view(torch.int32)[::2].clone()


def _draw_batch(
    posed: RestPose, makers: dict[str, type[Rasterizer]], chunks: list[Chunk]
) -> tuple[dict[str, float], _Drawn]:
    """Seconds of each for these chunks of a batch and what comes before them, and what both drew."""
    spent, opened, drawn = {}, {}, []
    for name, make in makers.items():
        began = now(posed.device)
        opened[name] = make(posed.placements, posed.layout).open(False, posed.keys)
        spent[name] = now(posed.device) - began
    for first in range(0, len(chunks), TURN_CHUNKS):
        faces = {name: [] for name in makers}
        for name, draw in opened.items():
            for chunk in chunks[first : first + TURN_CHUNKS]:
                seconds, found = _fill(posed, draw, chunk)
                spent[name] += seconds
                faces[name].append(found)
        drawn += map(_compare, faces[OURS], faces[THEIRS])
    return spent, _Drawn(*map(sum, zip(*drawn, strict=True)))


def _repeat(once: Callable[[], tuple], repeats: int) -> list[tuple]:
    """What `once` returns, called once, and again up to `repeats` times while BUDGET_S allows."""
    began, found = perf_counter(), [once()]
    while len(found) < repeats and perf_counter() - began < BUDGET_S:
        found.append(once())
    return found


def measure(posed: RestPose, makers: dict[str, type[Rasterizer]], repeats: int) -> dict:
    """Spreads of ms a body of each, the ratio of their medians, and how far they draw the same."""
    # Nothing is compiled or imported in a pass that is timed.
    _draw_batch(posed, makers, posed.chunks[:1])
    passes = _repeat(lambda: _draw_batch(posed, makers, posed.chunks), repeats)
    ms = {name: spread([spent[name] * 1000 / posed.count for spent, _ in passes]) for name in makers}
    return {
        "device": describe_device(posed.device),
        "panel_px": posed.size_px,
        "bodies": posed.count,
        "ms_per_body": ms,
        "ratio_of_medians": ms[THEIRS]["median"] / ms[OURS]["median"],
        **passes[-1][1].summarize(),
    }


@torch.no_grad()
def measure_bare(posed: RestPose, make_ours: type[Rasterizer], repeats: int) -> dict:
    """Spread of ms of PyTorch3D by itself for one body, and how far it draws the same as ours."""
    draw_bare, (chunk,), (width, height) = prepare_bare(posed), posed.chunks, posed.size_px
    ours = _fill(posed, make_ours(posed.placements, posed.layout).open(False, posed.keys), chunk)[1]

    def draw_once() -> tuple[float, torch.Tensor]:
        began = now(posed.device)
        faces = draw_bare()
        return now(posed.device) - began, faces

    draw_once()
    passes = _repeat(draw_once, repeats)
    return {
        "device": describe_device(posed.device),
        "panel_px": posed.size_px,
        "ms": spread([spent * 1000 for spent, _ in passes]),
        **_compare(ours.view(height, -1)[:, :width], passes[-1][1]).summarize(),
    }


def show(cases: list[dict], bare: list[dict]) -> None:
    """Prints what was measured, a row a case and a line for each device."""
    headers = ["device", "panel", "bodies", *(f"{name}, ms a body" for name in PEERS), "n"]
    rows = [
        [
            case["device"],
            "{}x{}".format(*case["panel_px"]),
            str(case["bodies"]),
            *(show_spread(case["ms_per_body"][name]) for name in PEERS),
            str(case["ms_per_body"][OURS]["n"]),
            f"{case['ratio_of_medians']:.1f}",
            *(str(case["covered_samples"][name]) for name in PEERS),
            f"{case['differing_share']:.4%}",
        ]
        for case in cases
    ]
    headers += [f"{THEIRS} / {OURS}", *(f"{name}, px" for name in PEERS), "other faces"]
    print_table("rasterizing, ours beside PyTorch3D", headers, rows)
    print()
    for found in bare:
        print(
            "PyTorch3D by itself, one body, {}x{}, ".format(*found["panel_px"])
            + f"{found['device']}: {show_spread(found['ms'])} ms, n {found['ms']['n']}, "
            f"other faces {found['differing_share']:.4%}"
        )


def compare_rasterizers(device: str, repeats: int) -> None:
    """Measures, prints, and writes raster_peers.json.

    device: its name; `auto` takes the CPU and all GPUs. repeats: most passes of a case. Raises RenderError
    where a device is not there, and RasterizerError where a rasterizer does not work or draws other faces.
    """
    names = (device,)
    if device == "auto":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        names = ("cpu", *(f"cuda:{index}" for index in range(count)))
    devices = [open_device(name) for name in names]
    makers = {d: {name: choose_rasterizer(name, d).make for name in PEERS} for d in devices}
    cases, bare = [], []
    with one_thread_each():
        for d in devices:
            body = open_body(DEMO_BODY, "demo", d)
            charts = read_charts(DEMO_BODY.with_name("demo_charts.mat"), body.faces, len(body.v_template))
            for size_px in (SMALL, PHOTO):
                for count in BATCHES:
                    cases.append(measure(RestPose(body, charts, count, size_px), makers[d], repeats))
            bare.append(measure_bare(RestPose(body, charts, 1, SMALL), makers[d][OURS], repeats))
    show(cases, bare)
    print(f"\n{write_json('raster_peers', {'budget_s': BUDGET_S, 'cases': cases, 'by_itself': bare})}")
