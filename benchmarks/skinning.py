"""Milliseconds a body for posing, ours beside smplx's, on one core: python -m benchmarks.skinning

smplx skins; ours skins, and skins with vertex normals. They take turns, and ratios are those of neighbours.
The demo body has no pose correctives and mostly two weights a vertex, which would make it easier than SMPL:
random correctives and weights make up for it. SMPL-X is made at random in its own size, with 400 columns, of
which both take 10 betas and 10 of the expression; smplx also finds its landmarks, as ours does with normals.
Memory that is freed stays with the process: else a pass of smplx that is lent new pages takes twice as long,
by chance.

At the end the two ratios by which posing is judged, for one thread and for two: how many times as fast as
smplx without normals ours is with them, for one body and for 64. With two threads smplx has those of torch,
and ours takes its chunks by two, as runs do.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import io
import statistics
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from scipy.spatial.transform import Rotation
from smplx import SMPLXLayer

from benchmarks.coco_like import DEMO_BODY
from benchmarks.results import print_table, show_spread, spread, write_json
from render.body.family.body import CHUNK, FamilyBody
from render.body.family.kinds import KINDS
from render.body.model_file import read_model_file
from render.compute.kernels import start_warp
from render.compute.threads import one_thread_each
from render.types.bodies import Bodies
from render.types.sources import Poses
from tests.helpers.model_files import make_model_file
from tests.helpers.smplx_oracle import make_smplx

CPU = torch.device("cpu")
BATCHES = (1, 32, 512)
JUDGED_BATCHES, THREADS = (1, 64), (1, 2)
REPEATS, WARM_UPS = 30, 3
SEED = 0
CORRECTIVES_STD_M = 1e-3
WEIGHTS_A_VERT, LEAST_WEIGHT = 4, 0.01
JOINT_ANGLE_STD_RAD = 0.3
# Of glibc's mallopt: from how many bytes on freed memory is given back, and a block is mapped for itself.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
SMPLX, SKINNING, POSE = "smplx", "our skinning", "our pose, with normals"


def keep_freed_memory() -> None:
    """Has glibc keep up to 1 GB of it, in blocks up to 32 MB, the most it allows; elsewhere does nothing."""
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        mallopt(M_MMAP_THRESHOLD, 1 << 25)


def write_model(path: Path) -> None:
    """The demo body with dense pose correctives and four weights a vertex, in SMPL's layout (.npz)."""
    demo = read_model_file(DEMO_BODY)
    rng = np.random.default_rng(SEED)
    # Its own weights, at most four a vertex, are among the largest of these but for the smallest of them.
    wished = demo.weights + rng.uniform(0, LEAST_WEIGHT, demo.weights.shape)
    fourth = np.sort(wished, axis=1)[:, -WEIGHTS_A_VERT, None]
    weights = np.where(wished >= fourth, wished, 0)
    np.savez(
        path,
        v_template=demo.v_template,
        shapedirs=demo.shapedirs,
        posedirs=rng.normal(0, CORRECTIVES_STD_M, demo.posedirs.shape).astype(np.float32),
        J_regressor=demo.J_regressor,
        weights=(weights / weights.sum(1, keepdims=True)).astype(np.float32),
        f=demo.faces,
        kintree_table=np.stack([demo.parents, np.arange(len(demo.parents))]),
    )


@dataclass(frozen=True)
class Pair:
    """A model, opened by us and by smplx.

    Attributes:
        body: Ours.
        pose: smplx's vertices from rotations and coefficients.
        expression: How many coefficients are of the expression, behind 10 betas.
    """

    body: FamilyBody
    pose: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    expression: int


def open_smpl(folder: Path) -> Pair:
    path = folder / "smpl.npz"
    write_model(path)
    model = make_smplx(read_model_file(path))

    def pose(rotmat: torch.Tensor, coefficients: torch.Tensor) -> torch.Tensor:
        found = model(
            betas=coefficients, global_orient=rotmat[:, :1], body_pose=rotmat[:, 1:], pose2rot=False
        )
        return found.vertices

    return Pair(FamilyBody(KINDS["smpl"], path, "smpl", CPU), pose, 0)


def open_smplx(folder: Path) -> Pair:
    path = make_model_file("smplx", folder / "smplx.npz", 400)
    with contextlib.redirect_stdout(io.StringIO()):
        model = SMPLXLayer(str(path), ext="npz", num_betas=10, num_expression_coeffs=10).eval()

    def pose(rotmat: torch.Tensor, coefficients: torch.Tensor) -> torch.Tensor:
        found = model(
            betas=coefficients[:, :10],
            expression=coefficients[:, 10:],
            global_orient=rotmat[:, :1],
            body_pose=rotmat[:, 1:22],
            jaw_pose=rotmat[:, 22:23],
            leye_pose=rotmat[:, 23:24],
            reye_pose=rotmat[:, 24:25],
            left_hand_pose=rotmat[:, 25:40],
            right_hand_pose=rotmat[:, 40:],
        )
        return found.vertices

    return Pair(FamilyBody(KINDS["smplx"], path, "smplx", CPU), pose, 10)


def draw_poses(pair: Pair, count: int) -> Poses:
    """Random rotations of all joints, and coefficients."""
    rng = np.random.default_rng([SEED, count])
    joints, hands = KINDS[pair.body.kind].joints, len(KINDS[pair.body.kind].hands)
    rotvec = rng.normal(0, JOINT_ANGLE_STD_RAD, (joints * count, 3))
    return Poses(
        kind=pair.body.kind,
        variant="neutral",
        rotmat=Rotation.from_rotvec(rotvec).as_matrix().reshape(count, joints, 3, 3).astype(np.float32),
        betas=rng.normal(size=(count, 10)).astype(np.float32),
        expression=rng.normal(size=(count, pair.expression)).astype(np.float32),
        hands=np.zeros((count, hands, 0), np.float32),
    )


def skin(body: FamilyBody, inputs: tuple[torch.Tensor, ...]) -> Bodies:
    """What `FamilyBody.pose_chunk` does, without normals and without the joints that are not turned."""
    rotmat, coefficients = inputs
    work = body._find_skin(coefficients.shape[1])
    bodies = body.allocate(len(rotmat))
    for chunk in body.list_chunks(len(rotmat)):
        verts = bodies.verts[chunk]
        joints = torch.empty(len(verts), work.joint_count, 3)
        work(rotmat[chunk], coefficients[chunk], CHUNK["cpu"], verts, joints)
    return bodies


def pose_all(body: FamilyBody, poses: Poses) -> Bodies:
    """What a run does with poses."""
    inputs = tuple(map(torch.from_numpy, body.prepare(poses, np.arange(len(poses)))))
    bodies = body.allocate(len(poses))
    for chunk in body.list_chunks(len(poses)):
        body.pose_chunk(inputs, chunk, bodies)
    return bodies


@torch.inference_mode()
def measure(pair: Pair, count: int, repeats: int) -> dict:
    """Spreads of ms a body, of bodies/s and of smplx's time over ours; how far vertices differ, in m."""
    poses = draw_poses(pair, count)
    rotmat, coefficients = inputs = tuple(map(torch.from_numpy, pair.body.prepare(poses, np.arange(count))))
    works: dict[str, Callable[[], torch.Tensor]] = {
        SMPLX: lambda: pair.pose(rotmat, coefficients),
        SKINNING: lambda: skin(pair.body, inputs).verts,
        POSE: lambda: pose_all(pair.body, poses).verts,
    }
    verts = {name: work() for name, work in works.items()}
    apart_m = {name: float((verts[name] - verts[SMPLX]).norm(dim=2).max()) for name in works}
    ms: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats + WARM_UPS):
        for name, work in works.items():
            began = perf_counter()
            work()
            ms[name].append((perf_counter() - began) * 1000 / count)
    ms = {name: samples[WARM_UPS:] for name, samples in ms.items()}
    return {
        name: {
            "ms_per_body": spread(samples),
            "bodies_per_s": spread([1000 / sample for sample in samples]),
            "smplx_over_this": spread([s / o for s, o in zip(ms[SMPLX], samples, strict=True)]),
            "most_apart_m": apart_m[name],
        }
        for name, samples in ms.items()
    }


def pose_side_by_side(body: FamilyBody, poses: Poses, pool: ThreadPoolExecutor) -> None:
    """What a run with several threads does with poses."""
    inputs = tuple(map(torch.from_numpy, body.prepare(poses, np.arange(len(poses)))))
    bodies = body.allocate(len(poses))
    list(pool.map(lambda chunk: body.pose_chunk(inputs, chunk, bodies), body.list_chunks(len(poses))))


@torch.inference_mode()
def judge(pair: Pair, count: int, threads: int, repeats: int) -> dict:
    """Spreads of ms a body, smplx without normals and ours with them in turn; the ratio of their medians."""
    poses = draw_poses(pair, count)
    rotmat, coefficients = map(torch.from_numpy, pair.body.prepare(poses, np.arange(count)))
    ms: dict[str, list[float]] = {SMPLX: [], POSE: []}
    with ThreadPoolExecutor(threads) as pool:
        works: dict[str, Callable[[], object]] = {
            SMPLX: lambda: pair.pose(rotmat, coefficients),
            # One thread takes chunk by chunk itself, as with one body it does in any case.
            POSE: lambda: (
                pose_side_by_side(pair.body, poses, pool)
                if min(threads, len(pair.body.list_chunks(count))) > 1
                else pose_all(pair.body, poses)
            ),
        }
        for _ in range(repeats + WARM_UPS):
            for name, work in works.items():
                # Torch's own threads are for smplx only: chunks are ours.
                torch.set_num_threads(threads if name == SMPLX else 1)
                began = perf_counter()
                work()
                ms[name].append((perf_counter() - began) * 1000 / count)
    torch.set_num_threads(1)
    ms = {name: samples[WARM_UPS:] for name, samples in ms.items()}
    return {
        "ms_per_body": {name: spread(samples) for name, samples in ms.items()},
        "smplx_over_ours": statistics.median(ms[SMPLX]) / statistics.median(ms[POSE]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    keep_freed_memory()
    start_warp()
    with tempfile.TemporaryDirectory() as folder:
        pairs = {"SMPL": open_smpl(Path(folder)), "SMPL-X": open_smplx(Path(folder))}
    with one_thread_each():
        results = {
            f"{title}, batch {count}": measure(pair, count, options.repeats)
            for title, pair in pairs.items()
            for count in BATCHES
        }
        judged = {
            f"{threads} thread{'s' * (threads > 1)}, batch {count}": judge(
                pairs["SMPL"], count, threads, 4 * options.repeats if count == 1 else options.repeats
            )
            for threads in THREADS
            for count in JUDGED_BATCHES
        }
    print_table(
        "posing on one core",
        ["", "", "ms a body", "bodies/s", "smplx / this", "vertices apart, m"],
        [
            [
                name,
                title,
                show_spread(found["ms_per_body"]),
                show_spread(found["bodies_per_s"], 0),
                show_spread(found["smplx_over_this"], 2),
                f"{found['most_apart_m']:.1e}",
            ]
            for title, by_name in results.items()
            for name, found in by_name.items()
        ],
    )
    print_table(
        "SMPL: smplx without normals / ours with normals, medians",
        ["", SMPLX + ", ms a body", "ours, ms a body", "ratio"],
        [
            [
                title,
                *(show_spread(found["ms_per_body"][name]) for name in (SMPLX, POSE)),
                f"{found['smplx_over_ours']:.2f}",
            ]
            for title, found in judged.items()
        ],
    )
    print(f"\n{write_json('skinning', results | {'judged': judged})}")


if __name__ == "__main__":
    main()
