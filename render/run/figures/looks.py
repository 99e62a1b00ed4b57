"""Where people are in a view, before it is drawn: for crops around them, and for insets at their joints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from render.compute.steps import run_steps
from render.library.renderer import BatchRenderer
from render.sheet.framing import Batch, find_crops, lacks_crops, make_batch
from render.types.bodies import Bodies
from render.types.fits import Fits
from render.types.placements import Cameras
from render.types.scenes import Scenes
from render.types.sheets import Framing, Panel, Rect, Sheet, Viewpoint

# Any mode and background have the same cameras.
_MODE, _BACKGROUND = "silhouette", "white"
# What people mean, with the joints that models have for it, the best first.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "face": ("head",),
    "left_hand": ("left_hand", "left_middle1", "left_wrist"),
    "right_hand": ("right_hand", "right_middle1", "right_wrist"),
    "left_foot": ("left_foot", "left_ankle"),
    "right_foot": ("right_foot", "right_ankle"),
}


@dataclass(frozen=True)
class View:
    """A view of some people.

    Attributes:
        people: Positions in the fits.
        viewpoint: From where it looks.
        size_px: Width and height that it is framed for; of views over the photo its own.
        photo_hw: The photo's height and width in pixels, or of what stands for it.
        scenes: What views around bodies look at; None for these people themselves.
    """

    people: tuple[int, ...]
    viewpoint: Viewpoint
    size_px: tuple[int, int]
    photo_hw: tuple[int, int]
    scenes: Scenes | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Look:
    """Where people are in a view.

    Attributes:
        verts_px: (M, V, 2), NaN for what is behind the eye.
        joints_px: (M, J, 2), NaN likewise.
        heads_px: (M, 2), the middle of what follows the head; NaN where that is not known.
    """

    verts_px: np.ndarray
    joints_px: np.ndarray
    heads_px: np.ndarray

    @property
    def corners(self) -> tuple[np.ndarray, np.ndarray]:
        """The least and the greatest x and y of all people, (2,) each; NaN where all is behind the eye."""
        points = self.verts_px.reshape(-1, 2)
        return np.fmin.reduce(points), np.fmax.reduce(points)


class Observer:
    """Looks at people without drawing them.

    Args:
        renderer: Poses and frames them.
        fits: The people.
        framing: How views around bodies look at them.
    """

    def __init__(self, renderer: BatchRenderer, fits: Fits, framing: Framing) -> None:
        self._renderer = renderer
        self._fits = fits
        self._framing = framing
        self._looks: dict[tuple[View, int], Look] = {}

    def make_batch(self, view: View) -> Batch:
        """A batch of a sheet that shows the view."""
        width, height = view.size_px
        panel = Panel(view.viewpoint, _MODE, _BACKGROUND, Rect(0, 0, width, height))
        sheet = Sheet("look", height, width, None, view.photo_hw, (panel,), view.people)
        return make_batch(self._fits, [sheet], self._framing, view.scenes)

    def look(self, view: View) -> Look:
        """Where the people of a view are in it; looked for once."""
        # Scenes hold arrays, which have no hash.
        key = view, id(view.scenes)
        if key not in self._looks:
            self._looks[key] = self._look(view)
        return self._looks[key]

    def _look(self, view: View) -> Look:
        batch, queue = self.make_batch(view), self._renderer.open_queue()
        groups = run_steps(self._renderer.pose(batch, queue))

        def stage() -> Look:
            staged_batch = batch
            if lacks_crops(batch):
                staged_batch = find_crops(batch, self._renderer.bodies.join(groups, batch.fits))
            staged = self._renderer.stage(staged_batch, groups)
            bodies, order = staged.bodies, staged.body_index.long()
            anatomies = self._renderer.bodies.find_anatomies(batch.fits)
            middles = torch.full((len(order), 1, 3), torch.nan, device=order.device)
            for i, one in enumerate(order.tolist()):
                if len(anatomies[one].head):
                    head = torch.from_numpy(anatomies[one].head).to(order.device)
                    middles[i, 0] = bodies.verts[one, head].mean(0)
            return Look(
                _project(staged.cameras, bodies.verts[order]),
                _project(staged.cameras, bodies.joints[order]),
                _project(staged.cameras, middles)[:, 0],
            )

        found: Look = queue.call(stage)
        return found

    def pose(self, people: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Vertices (M, V, 3) and roots (M, 3) of people, m, in the frame of their bodies."""
        bodies = pose_people(self._renderer, self._fits, people)
        verts = bodies.verts.cpu().numpy()
        roots = bodies.joints[:, 0].cpu().numpy() if bodies.joints.shape[1] else verts.mean(1)
        return verts, roots

    def measure(self, view: View) -> Scenes:
        """What views around the people of a view look at."""
        return run_steps(self._renderer.measure(self.make_batch(view), self._renderer.open_queue()))

    def find_joint(self, view: View, look: Look, name: str) -> np.ndarray | None:
        """Where a joint of the first person of a view is, (2,); None where the body has no such joint.

        Args:
            view: The view.
            look: Where its people are.
            name: Of the joint, as body models have it, or one of `ALIASES`.
        """
        if name in ("head", "face") and np.isfinite(look.heads_px[0]).all():
            return look.heads_px[0]
        names = self.list_joints(view.people[0])
        for one in ALIASES.get(name, (name,)):
            if one in names:
                return look.joints_px[0, names.index(one)]
        return None

    def list_joints(self, person: int) -> tuple[str, ...]:
        """Names of the joints of a person of the fits."""
        return self._renderer.bodies.find_joint_names([int(self._fits.source[person])])


def pose_people(renderer: BatchRenderer, fits: Fits, people: tuple[int, ...]) -> Bodies:
    """The posed bodies of people.

    Args:
        renderer: Poses them.
        fits: All that there are.
        people: Their positions there.
    """
    batch = make_batch(fits, [Sheet("pose", 0, 0, None, (0, 0), (), people)])
    queue = renderer.open_queue()
    groups = run_steps(renderer.pose(batch, queue))
    bodies: Bodies = queue.call(renderer.bodies.join, groups, batch.fits)
    queue.wait()
    return bodies


def _project(cameras: Cameras, points: torch.Tensor) -> np.ndarray:
    """(D, K, 2) of points (D, K, 3), a row a camera; NaN for what is behind the eye."""
    q = points.double() @ cameras.matrix.double().transpose(1, 2) + cameras.translation.double()[:, None]
    focal = cameras.focal_px.double()[:, None, None]
    depth = torch.where(q[:, :, 2:] > 0, q[:, :, 2:], torch.nan)
    seen = cameras.center_px.double()[:, None] + focal * q[:, :, :2] / depth
    return torch.where(focal > 0, seen, q[:, :, :2]).cpu().numpy()
