"""Who is in a demo photo: poses, shapes and facings, drawn from the seed and the photo's number alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from render.demo.people.poses import POSES, pose_rotmat, turns_to_rotmat

# A little narrower than SMPL's own normal distribution, and without its rare extremes.
BETA_SIGMA, BETA_LIMIT = 0.8, 2.5


@dataclass(frozen=True)
class Slot:
    """The brief of one photo.

    Attributes:
        people: How many.
        hw: Height and width of the photo.
        area_px: Pixels of the nearest person, before limits.
        crossing: Two of them overlap.
        cut_at_border: The nearest stands partly below the photo.
    """

    people: int
    hw: tuple[int, int]
    area_px: int = 17_000
    crossing: bool = False
    cut_at_border: bool = False


LANDSCAPE, PORTRAIT, SMALL = (480, 640), (640, 480), (375, 500)

# The order of a demo set's photos, over and over. Twelve photos hold more people than there are poses.
PROGRAMME = (
    Slot(2, LANDSCAPE, 30_000),
    Slot(2, LANDSCAPE, 32_000, crossing=True),
    Slot(1, PORTRAIT, 46_000),
    Slot(3, LANDSCAPE, 24_000),
    Slot(1, LANDSCAPE, 34_000),
    Slot(2, SMALL, 20_000),
    Slot(1, PORTRAIT, 36_000),
    Slot(2, LANDSCAPE, 28_000, crossing=True),
    Slot(1, SMALL, 24_000),
    Slot(3, LANDSCAPE, 26_000, crossing=True),
    Slot(1, PORTRAIT, 60_000, cut_at_border=True),
    Slot(2, LANDSCAPE, 24_000),
)


@dataclass(frozen=True)
class Actor:
    """A person before being placed.

    Attributes:
        pose_name: In POSES.
        pose_rotmat: (24, 3, 3), y up, joint 0 turned by the yaw.
        betas: Shape coefficients (10,).
        yaw_rad: From facing the viewer, about y.
    """

    pose_name: str
    pose_rotmat: np.ndarray
    betas: np.ndarray
    yaw_rad: float


@dataclass(frozen=True)
class Posed:
    """An actor's body, x right, y up, z to the viewer.

    Attributes:
        actor: Whose it is.
        verts_m: (V, 3).
        normals: Of the vertices (V, 3).
        joints_m: (45, 3).
    """

    actor: Actor
    verts_m: np.ndarray
    normals: np.ndarray
    joints_m: np.ndarray

    @property
    def floor_m(self) -> np.ndarray:
        """The point of the floor (3,) that the body stands or jumps above."""
        low, high = self.verts_m.min(0), self.verts_m.max(0)
        lift_m = POSES[self.actor.pose_name].lift_m
        return np.array([(low[0] + high[0]) / 2, low[1] - lift_m, self.verts_m[:, 2].mean()])


def cast_photo(seed: int, photo: int) -> tuple[Slot, list[Actor]]:
    """The brief of a photo and its people.

    Args:
        seed: Of the set.
        photo: The photo's number in the set.
    """
    lap, turn = divmod(photo, len(PROGRAMME))
    slot = PROGRAMME[turn]
    # One shuffle a lap: first people take its head, second people its tail, so every pose has its photo.
    order = np.random.default_rng([seed, lap, 1]).permutation(list(POSES))
    seconds = [k for k, s in enumerate(PROGRAMME) if s.people > 1]
    # From the photo's number, and not from the photos before it: any photo can be made alone.
    rng = np.random.default_rng([seed, photo, 2])
    names = [str(order[turn])]
    if slot.people > 1:
        names.append(str(order[(len(PROGRAMME) + seconds.index(turn)) % len(order)]))
    if slot.people > 2:
        names.append(str(rng.choice([n for n in order if n not in names])))
    # One who lies is too wide for an upright photo.
    if names[0] == "lie" and slot.hw == PORTRAIT:
        slot = replace(slot, hw=LANDSCAPE)
    return slot, [_make_actor(rng, name) for name in names]


def _make_actor(rng: np.random.Generator, name: str) -> Actor:
    low, high = np.radians(POSES[name].yaw_deg)
    yaw = rng.choice([-1, 1]) * rng.uniform(low, high)
    rotmat = pose_rotmat(POSES[name], rng)
    rotmat[0] = turns_to_rotmat(np.array([[0, yaw, 0]]))[0] @ rotmat[0]
    betas = np.clip(rng.normal(0, BETA_SIGMA, 10), -BETA_LIMIT, BETA_LIMIT)
    return Actor(name, rotmat.astype(np.float32), betas.astype(np.float32), float(yaw))
