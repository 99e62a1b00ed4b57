"""Imported by the process that others are forked from: what each of them would otherwise load once more.

Nearly half of a first small run goes into settings that are composed for the first time, and into kernels
that are looked up.
"""

import json
import tempfile
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import numpy as np

from tests.helpers.runs import run


def draw_somebody(folder: Path) -> None:
    """A sheet of one person at rest, in the kernels that most runs take."""
    person = {
        "parm_pose": np.tile(np.eye(3), (24, 1, 1)).tolist(),
        "parm_shape": [0.0] * 10,
        "parm_cam": [0.9, 0.0, 0.0],
        "bbox_scale": 1.0,
        "bbox_center": [32.0, 32.0],
        "gt_keypoint_2d": np.zeros((49, 3)).tolist(),
        "imageName": "nobody.jpg",
        "annotId": 1,
        "subjectId": "",
    }
    (folder / "photos").mkdir()
    (folder / "fits.json").write_text(json.dumps({"ver": 0.1, "data": [person]}))
    files = (f"dataset.fit_file={folder}/fits.json", f"dataset.image_dir={folder}/photos")
    panels = ("panels=[side/clay/white]", "size=64x64")
    run("dataset=eft", *files, "body=demo", *panels, "device=cpu", "threads=1", f"output.dir={folder}/out")


with tempfile.TemporaryDirectory(prefix="render-warm-") as made, redirect_stderr(StringIO()):
    draw_somebody(Path(made))
