"""Posing beside smplx on the device: ours with vertex normals, smplx without."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch

from benchmarks.coco_like import DEMO_BODY
from benchmarks.rest_pose import now
from benchmarks.results import spread
from render.body.model_file import read_model_file
from render.body.models.smpl import open_body
from render.compute.device import open_device
from tests.helpers.smplx_oracle import make_smplx
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words

BATCHES, REPEATS, WARM_UPS = (1, 64, 4096), 10, 3


@torch.inference_mode()
def main(words: list[str] | None = None) -> None:
    """Notes milliseconds a body of both."""
    given = read_words(words=words)
    notes, device = Notes(given.notes), open_device(given.device)
    body, model = open_body(DEMO_BODY, "demo", device), make_smplx(read_model_file(DEMO_BODY)).to(device)
    for count in (1,) if given.dry_run else BATCHES:
        rotmat = torch.eye(3, device=device).repeat(count, 24, 1, 1)
        betas = torch.linspace(-2, 2, 10 * count, device=device).view(count, 10)
        works: dict[str, Callable[[], object]] = {
            "ours, with normals": partial(body.pose, rotmat, betas),
            "smplx": partial(
                model, betas=betas, global_orient=rotmat[:, :1], body_pose=rotmat[:, 1:], pose2rot=False
            ),
        }
        ms: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(1 if given.dry_run else REPEATS + WARM_UPS):
            for name, work in works.items():
                began = now(device)
                work()
                ms[name].append((now(device) - began) * 1000 / count)
        found = {name: spread(times[-REPEATS:]) for name, times in ms.items()}
        line = ", ".join(f"{name} {one['median']:.4f}" for name, one in found.items())
        notes.add(f"batch {count}", found, f"batch {count}, ms a body: {line}")


if __name__ == "__main__":
    main()
