"""A walk by formulas, as a .smpl file, for a strip of motion.

python examples/inputs/walk.py walk.smpl
smpl-render job=video dataset=smpl dataset.fit_file=walk.smpl
"""

import sys
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

RATE, CYCLE_S, CYCLES = 60, 1.1, 4
STRIDE_M, PELVIS_M, BOB_M = 1.3, 0.95, 0.02
HIPS, KNEES, ANKLES, SHOULDERS, ELBOWS = (1, 2), (4, 5), (7, 8), (16, 17), (18, 19)


def bump(phase: np.ndarray, at: float, width: float) -> np.ndarray:
    """1 where a phase of the cycle is, 0 a few widths from it."""
    return np.exp(-0.5 * (((phase - at + 0.5) % 1 - 0.5) / width) ** 2)


def turn(axes: str, *degrees: np.ndarray | float) -> np.ndarray:
    """(T, 3) axis-angles, rad, of turns about the axes of the body, one after the other."""
    angles = np.stack(np.broadcast_arrays(*degrees), -1)
    return Rotation.from_euler(axes, angles, degrees=True).as_rotvec()


def main(result: str) -> None:
    """Writes the file that the command line names."""
    time_s = np.arange(round(RATE * CYCLE_S * CYCLES)) / RATE
    pose = np.zeros((len(time_s), 24, 3))
    # The heel of a leg comes to the ground at phase 0 of its cycle.
    for side, sign in enumerate((1, -1)):
        phase = time_s / CYCLE_S + side / 2
        swing = np.cos(2 * np.pi * (phase - 0.92))
        hip = 8 + 18 * swing
        knee = 4 + 13 * bump(phase, 0.14, 0.07) + 54 * bump(phase, 0.68, 0.1)
        ankle = 12 * bump(phase, 0.45, 0.12) - 15 * bump(phase, 0.65, 0.06)
        pose[:, HIPS[side]] = turn("x", -hip)
        pose[:, KNEES[side]] = turn("x", knee)
        pose[:, ANKLES[side]] = turn("x", -ankle)
        # Arms hang, and go against the legs.
        pose[:, SHOULDERS[side]] = turn("zx", -72 * sign, 22 * swing)
        pose[:, ELBOWS[side]] = turn("y", -sign * (22 - 12 * swing))
    pose[:, 0] = turn("y", 5 * np.sin(2 * np.pi * time_s / CYCLE_S))
    # Lowest where both feet are on the ground.
    height_m = PELVIS_M - BOB_M * (1 + np.cos(4 * np.pi * time_s / CYCLE_S))
    place_m = np.stack([0 * time_s, height_m, STRIDE_M * time_s / CYCLE_S], -1)
    Path(result).parent.mkdir(parents=True, exist_ok=True)
    with open(result, "wb") as file:
        np.savez_compressed(
            file,
            codecVersion=np.int32(2),
            smplVersion=np.int32(0),
            gender=np.int32(0),
            shapeParameters=np.zeros(10, np.float32),
            frameCount=np.int32(len(time_s)),
            frameRate=np.float32(RATE),
            bodyTranslation=place_m.astype(np.float32),
            bodyPose=pose.astype(np.float32),
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
