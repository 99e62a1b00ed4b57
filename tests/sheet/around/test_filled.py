"""Views around bodies fill their panels, cut nothing off, and come not too near."""

from itertools import islice

import numpy as np
from scipy.spatial.transform import Rotation

from render.demo.people.cast import cast_photo
from tests.helpers.around_bodies import FACING, look, make_fits, pitch, pose
from tests.helpers.random_poses import draw_poses
from tests.helpers.turned_people import UPRIGHT, draw_silhouettes, make_people

# People of the demo set, as many as the acceptance asks for.
COUNT = 200


def measure_ink(shown: np.ndarray) -> float:
    """How much of what its aspect allows a silhouette inks.

    Its pixels over the area of the largest rectangle that has the aspect of the silhouette's bounding box
    and fits in the panel.
    """
    rows, columns = np.flatnonzero(shown.any(1)), np.flatnonzero(shown.any(0))
    box = np.array([rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1])
    grow = (shown.shape / box).min()
    return float(shown.sum() / (box.prod() * grow**2))


def test_the_median_panel_inks_a_quarter_of_what_its_aspect_allows(demo_body):
    actors = list(
        islice((actor for photo in range(COUNT) for actor in cast_photo(11, photo)[1]), COUNT),
    )
    rotmat = np.array([actor.pose_rotmat for actor in actors])
    # Seen by cameras that look down a little, as the set's do.
    down = Rotation.from_euler("x", np.random.default_rng(1).uniform(0, 15, (COUNT, 1)), degrees=True)
    rotmat[:, 0] = down.as_matrix() @ FACING @ rotmat[:, 0]
    fits = make_people(rotmat, np.array([actor.betas for actor in actors]))
    shown = draw_silhouettes(demo_body, fits, ["side", "orbit:30:15"], (96, 128))[:, 0]
    assert len(shown) == COUNT
    for k in range(2):
        assert np.median([measure_ink(person[k]) for person in shown]) >= 0.25


def test_nothing_is_cut_off_at_any_frame_of_a_turn(demo_body):
    """100 poses that nobody ever had, in any direction: where a silhouette is cut off it touches a border."""
    drawn, rng = draw_poses("smpl", 100, seed=3), np.random.default_rng(4)
    rotmat = Rotation.from_rotvec(drawn.axis_angles.reshape(-1, 3)).as_matrix().reshape(100, 24, 3, 3)
    rotmat[:, 0] = Rotation.random(100, rng=rng).as_matrix()
    fits = make_people(rotmat, drawn.betas)
    shown = draw_silhouettes(demo_body, fits, ["orbit:20:15"], (60, 80), frames=8)
    assert shown.any((3, 4)).all()
    for border in (shown[..., 0, :], shown[..., -1, :], shown[..., 0], shown[..., -1]):
        assert not border.any()


def test_who_lies_is_seen_end_on_from_a_distance(demo_body):
    """The feet, turned to the viewer, are less than 2.4 times as large as the head."""
    bodies = pose(demo_body, pitch(-90))
    verts = bodies.verts[0].double().numpy()
    length = np.ptp(verts, axis=0).max()
    for view, frames in (("orbit:0", 1), ("orbit:180:20", 1), ("orbit:0:10", 6)):
        seen = look(demo_body, bodies, [view], UPRIGHT, frames=frames, fits=make_fits(bodies))
        cameras = seen.framed.cameras
        for row in range(len(cameras.matrix)):
            matrix = cameras.matrix[row].double().numpy()
            depth = verts @ matrix[2] + float(cameras.translation[row, 2])
            # Of the cylinder's extent, which is the body's or more.
            assert depth.min() / np.linalg.norm(matrix[2]) > 0.7 * length
            assert depth.max() / depth.min() < 2.4
