"""What the comparison with other renderers makes of their turns; and peers that are not there are said so."""

import sys

import numpy as np
import pytest
import torch

from benchmarks.coco_like import make_coco_like
from benchmarks.peers.compare import Contest, compare_bodies, take
from benchmarks.peers.crew import Turn
from benchmarks.peers.peer import OURS, PEERS, MissingPeerError
from benchmarks.peers.people import People
from benchmarks.peers.plot import draw_plot
from benchmarks.peers.report import list_notes, list_rows
from render import build_sheets, load_body, pose_bodies, read_fits

SIZE_PX = (64, 48)


class FakeCrew:
    """Draws a square, and says that it took so many seconds a sheet."""

    def __init__(self, seconds: float, left: int = 0) -> None:
        self.seconds, self.left, self.counts = seconds, left, []

    def draw(self, rows: range) -> Turn:
        self.counts.append(len(rows))
        return Turn(len(rows), self.seconds * len(rows), 2 * self.seconds * len(rows))

    def find_bodies(self, rows: range) -> np.ndarray:
        bodies = np.zeros((len(rows), 40, 40), bool)
        bodies[:, :30, self.left : self.left + 30] = True
        return bodies


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> People:
    width, height = SIZE_PX
    data = make_coco_like(tmp_path_factory.mktemp("people") / "set", 2, width_px=width, height_px=height)
    return People(data, SIZE_PX, torch.device("cpu"))


def test_the_table_has_the_ratio_to_ours_and_names_who_is_missing(tmp_path):
    crews = {OURS: FakeCrew(0.01), "opengl": FakeCrew(0.04)}
    contest = Contest(100, 2.0, 1)
    about = {name: {"about": name, "iou": contest.enter(name, crew, 3)} for name, crew in crews.items()}
    contest.run(2)
    found = {
        "size_px": SIZE_PX,
        "device": "cpu",
        "peers": about | {"nvdiffrast": {"missing": "there is no GPU"}},
        "threads": {"1": contest.summarize()},
    }
    assert list_rows(found)[1] == [
        *("OpenGL, one by one", "1", "25.0 (25.0 to 25.0)", "4.00 (4.00 to 4.00)", "80.0 (80.0 to 80.0)"),
        *("50", "1.0000"),
    ]
    assert list_notes(found)[2].startswith("nvdiffrast: not measured: there is no GPU. Build it from")
    plot = draw_plot(found, {"cpu": "a processor", "gpus": []}, tmp_path / "plot.svg")
    first = plot.read_bytes()
    assert draw_plot(found, {"cpu": "a processor", "gpus": []}, plot).read_bytes() == first


def test_who_is_slow_draws_as_many_as_work_side_by_side():
    slow = FakeCrew(50.0)
    contest = Contest(100, 20.0, 2)
    contest.enter(OURS, FakeCrew(0.01), 0)
    contest.enter("pytorch3d", slow, 0)
    contest.run(3)
    assert slow.counts == [2, 2, 2, 2]


def test_few_people_are_taken_from_all_of_the_set():
    assert list(take(100, 4)) == [0, 25, 50, 75]
    assert list(take(3, 10)) == [0, 1, 2]


def test_who_draws_other_bodies_is_not_measured():
    contest = Contest(10, 1.0, 1)
    contest.enter(OURS, FakeCrew(0.01), 0)
    with pytest.raises(RuntimeError, match=r"it draws other bodies than ours: IoU 0\.9355 of 3 sheets"):
        contest.enter("opengl", FakeCrew(0.01, left=1), 3)
    contest.run(1)
    assert list(contest.summarize()) == [OURS]


def test_overlap_is_of_pixels_that_either_has():
    ours, theirs = np.array([[True, True, False]]), np.array([[False, True, True]])
    assert compare_bodies(ours, theirs) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("opengl", "moderngl"),
        ("pyrender", "pyrender"),
        ("pytorch3d", "pytorch3d"),
    ],
)
def test_a_peer_that_is_not_installed_says_so(people, monkeypatch, name, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPeerError, match=module):
        PEERS[name].open(people, 1)


def test_without_a_gpu_nvdiffrast_says_so(people):
    with pytest.raises(MissingPeerError, match="CUDA alone"):
        PEERS["nvdiffrast"].open(people, 1)


def test_both_views_are_where_ours_are(people):
    fits, _ = read_fits("eft", people.data.fit_file)
    poses = fits.sources[0].bodies
    bodies = pose_bodies(load_body(device="cpu"), poses.rotmat, poses.betas)
    sheets = build_sheets(bodies, ["camera/geo", "side/geo"], size_px=SIZE_PX, fits=fits)
    posed, placements = people.pose(range(2)), sheets.staged.placements
    size_px = torch.tensor(SIZE_PX)
    for number, view in enumerate((posed.photo, posed.side)):
        clip = torch.nn.functional.pad(posed.verts, (0, 1), value=1.0) @ view.make_clip(SIZE_PX).mT
        assert (clip.abs()[..., 2] <= clip[..., 3]).all()
        found = (clip[..., :2] / clip[..., 3:] * torch.tensor([1.0, -1.0]) + 1) / 2 * size_px
        # Shots of a sheet follow one another. smplx and float32 matrices are off by less than a thousandth.
        expected = placements.verts[number::2, :, :2]
        torch.testing.assert_close(found, expected, atol=2e-3, rtol=0)
