"""A video of a motion of AMASS, without a body model's file: python examples/amass_video.py [WALK.npz]

Without a file it makes one as AMASS has them, of SMPL-H, of somebody who waves. The body is a wooden figure
(pip install mannequin-x); with SMPL-H's file it is body=smplh.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from render import run_job

FOLDER = Path("outputs/examples/amass_video")
PELVIS, LEFT_SHOULDER, RIGHT_SHOULDER, RIGHT_ELBOW = 0, 16, 17, 19


def write_motion(path: Path, rate_hz: float = 120.0, count: int = 240) -> None:
    """Two seconds as AMASS has them: axis-angles of SMPL-H's 52 joints in rad, metres, and z up."""
    time_s = np.arange(count) / rate_hz
    poses = np.zeros((count, 52, 3))
    # SMPL's own up is y, AMASS's is z; the body turns by a quarter while it waves.
    heading = Rotation.from_euler("z", np.linspace(-45, 45, count)[:, None], degrees=True)
    poses[:, PELVIS] = (heading * Rotation.from_euler("x", 90, degrees=True)).as_rotvec()
    poses[:, LEFT_SHOULDER] = [0, 0, np.radians(-72)]
    poses[:, RIGHT_SHOULDER] = [0, 0, np.radians(-50)]
    poses[:, RIGHT_ELBOW, 2] = np.radians(-55 + 30 * np.sin(2 * np.pi * 1.5 * time_s))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        poses=poses.reshape(count, 156),
        trans=np.tile([0, 0, 0.95], (count, 1)),
        betas=np.zeros(16),
        gender="neutral",
        mocap_framerate=rate_hz,
    )


def main(path: str | None = None) -> None:
    if path is None:
        path = str(FOLDER / "wave.npz")
        write_motion(Path(path))
    # Every fourth frame of 120 a second: 30, and the motion stays as fast as it was.
    result = run_job(
        [
            "job=video",
            "dataset=amass",
            f"dataset.fit_file={path}",
            "body=mannequin",
            "samples=::4",
            "panels=[orbit:20:8/studio/ground]",
            "size=480x480",
            f"output.dir={FOLDER}",
        ]
    )
    print(result.folder, result.made, "made,", result.kept, "there already")


if __name__ == "__main__":
    main(*sys.argv[1:])
