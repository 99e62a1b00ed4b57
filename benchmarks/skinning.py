"""Milliseconds a body for posing, ours beside smplx's, on one core: python -m benchmarks.skinning

smplx skins; ours skins, and skins with vertex normals. They take turns, and ratios are those of neighbours.
The demo body has no pose correctives and mostly two weights a vertex, which would make it easier than SMPL:
random correctives and weights make up for it.
Memory that is freed stays with the process: else a pass of smplx that is lent new pages takes twice as long,
by chance.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from scipy.spatial.transform import Rotation
from smplx import SMPL

from benchmarks.coco_like import DEMO_BODY
from benchmarks.results import print_table, show_spread, spread, write_json
from render.body.family.body import CHUNK, FamilyBody
from render.body.model_file import read_model_file
from render.body.models.smpl import open_body
from render.compute.kernels import start_warp
from render.compute.threads import one_thread_each
from render.types.bodies import Bodies
from tests.helpers.smplx_oracle import make_smplx

BATCHES = (1, 16, 64, 256)
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


def draw_poses(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Random rotations (count, 24, 3, 3) and betas (count, 10)."""
    rng = np.random.default_rng([SEED, count])
    rotvec = rng.normal(0, JOINT_ANGLE_STD_RAD, (24 * count, 3))
    rotmat = Rotation.from_rotvec(rotvec).as_matrix().reshape(count, 24, 3, 3)
    return torch.from_numpy(rotmat).float(), torch.from_numpy(rng.normal(size=(count, 10))).float()


def skin(body: FamilyBody, rotmat: torch.Tensor, betas: torch.Tensor) -> Bodies:
    """What `FamilyBody.pose` does, without normals and without the joints that are vertices."""
    bodies = body.allocate(len(betas))
    for parcel in body.list_parcels(len(betas)):
        verts = bodies.verts[parcel]
        joints = torch.empty(len(verts), body._skin.joint_count, 3)
        body._skin(rotmat[parcel], betas[parcel], CHUNK["cpu"], verts, joints)
    return bodies


@torch.inference_mode()
def measure(body: FamilyBody, smplx: SMPL, count: int, repeats: int) -> dict:
    """Spreads of ms a body, of bodies/s and of smplx's time over ours; how far vertices differ, in m."""
    rotmat, betas = draw_poses(count)
    first, others = rotmat[:, :1].contiguous(), rotmat[:, 1:].contiguous()
    works: dict[str, Callable] = {
        SMPLX: lambda: smplx(betas=betas, global_orient=first, body_pose=others, pose2rot=False),
        SKINNING: lambda: skin(body, rotmat, betas),
        POSE: lambda: body.pose(rotmat, betas),
    }
    verts = {SMPLX: works[SMPLX]().vertices, **{name: works[name]().verts for name in (SKINNING, POSE)}}
    apart_m = {name: float((verts[name] - verts[SMPLX]).norm(dim=2).max()) for name in (SKINNING, POSE)}
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
            "most_apart_m": apart_m.get(name, 0.0),
        }
        for name, samples in ms.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    keep_freed_memory()
    start_warp()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "random_correctives.npz")
        write_model(path)
        body = open_body(path, "random_correctives", torch.device("cpu"))
        smplx = make_smplx(read_model_file(path))
    with one_thread_each():
        results = {count: measure(body, smplx, count, options.repeats) for count in BATCHES}
    print_table(
        "posing on one core",
        ["", "batch", "ms a body", "bodies/s", "smplx / this", "vertices apart, m"],
        [
            [
                name,
                str(count),
                show_spread(found["ms_per_body"]),
                show_spread(found["bodies_per_s"], 0),
                show_spread(found["smplx_over_this"], 2),
                f"{found['most_apart_m']:.1e}",
            ]
            for count, by_name in results.items()
            for name, found in by_name.items()
        ],
    )
    print(f"\n{write_json('skinning', {f'batch_{count}': found for count, found in results.items()})}")


if __name__ == "__main__":
    main()
