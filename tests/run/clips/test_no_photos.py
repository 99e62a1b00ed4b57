"""Clips of motions without photos: bodies are seen where they stand."""

import imageio.v3 as iio
import numpy as np

from tests.helpers.runs import run

FRAMES, ARMS = 12, (16, 17)


def test_a_view_in_the_place_of_the_photo_keeps_its_size_as_arms_rise(tmp_path):
    """Fitted frame by frame, who stands would fill the panel as who reaches up does."""
    poses = np.zeros((FRAMES, 24, 3), np.float32)
    # SMPL's rest pose has the arms aside. First they hang, then they are up.
    poses[:6, ARMS[0], 2], poses[:6, ARMS[1], 2] = -1.2, 1.2
    poses[6:, ARMS[0], 2], poses[6:, ARMS[1], 2] = 1.4, -1.4
    motion = {"poses": poses.reshape(FRAMES, 72), "trans": np.tile(np.float32([0, 1, 0]), (FRAMES, 1))}
    np.savez(tmp_path / "reach.npz", **motion, betas=np.zeros(10), gender="neutral", mocap_framerate=30.0)
    settings = ["dataset=amass", f"dataset.fit_file={tmp_path / 'reach.npz'}", "dataset.options={up: y}"]
    report = run(
        *[*settings, "body=demo", "device=cpu", "job=video", "output=webp", "size=120x160"],
        *["panels=[camera/silhouette/white]", f"output.dir={tmp_path / 'out'}"],
    )
    assert (report.rendered, report.failed) == (1, [])
    frames = iio.imread(tmp_path / "out" / "reach.webp", index=..., plugin="pillow")
    assert len(frames) == FRAMES
    heights = [np.ptp(np.flatnonzero((frame[..., 0] < 128).any(1))) for frame in frames]
    # The view rises a little with the arms, and what is seen from above changes by a pixel.
    assert np.ptp(heights[:6]) <= 2
    assert np.ptp(heights[6:]) <= 2
    assert heights[0] < 0.92 * heights[-1]
