"""Rasterizing and shading alone: bodies a second, by size of the panel and of the batch."""

from __future__ import annotations

from benchmarks.coco_like import DEMO_BODY
from benchmarks.raster import count_most, measure
from benchmarks.rest_pose import PHOTO, SMALL, RestPose
from render.body.charts import read_charts
from render.body.models.smpl import open_body
from render.compute.device import open_device
from render.compute.threads import one_thread_each
from tools.gpu.notes import Notes
from tools.gpu.steps.words import read_words

BATCHES, REPEATS = (1, 16, 64, 256, 1024, 4096), 8
DRY_SIZE = (32, 32)


def main(words: list[str] | None = None) -> None:
    """Notes each case. A batch for which there is no memory is as large as it can be."""
    given = read_words(words=words)
    notes, device = Notes(given.notes), open_device(given.device)
    body = open_body(DEMO_BODY, "demo", device)
    charts = read_charts(DEMO_BODY.with_name("demo_charts.mat"), body.faces, len(body.v_template))
    with one_thread_each():
        for size_px in (DRY_SIZE,) if given.dry_run else (SMALL, PHOTO):
            most = count_most(body, size_px)
            for count in (1,) if given.dry_run else dict.fromkeys(min(count, most) for count in BATCHES):
                posed = RestPose(body, charts, count, size_px)
                found = measure(posed, "geo", 1 if given.dry_run else REPEATS)
                size = "{}x{}".format(*size_px)
                rate = found["bodies_per_s"]["median"]
                notes.add(f"{size}, {count}", found, f"{size}, {count} a batch: {rate:.0f} bodies/s")


if __name__ == "__main__":
    main()
