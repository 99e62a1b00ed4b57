"""What each frame of a clip shows: how far bodies have turned, and how far it is from the photo."""

from __future__ import annotations

from typing import NamedTuple

# Of a transition; finer steps nobody sees.
MOST_FRAMES = 600
# Of a transition, what a turn takes to gather its speed; and the most of the turn.
_RAMP, _LONGEST_RAMP = 0.5, 0.5
# Of a transition: until when the camera waits, so that people in the photo are faint when bodies leave them;
# when nothing is left of the photo; and from when on the ground is laid.
_CAMERA_BEGINS, _PHOTO_ENDS, _GROUND_BEGINS = 0.15, 0.5, 0.4


class Moment(NamedTuple):
    """A frame of a clip.

    Attributes:
        turn: How far the bodies have turned, as a share of a full circle.
        from_photo: How much of the transition from the photo is over; 1 is all of it.
    """

    turn: float
    from_photo: float


def list_moments(frames: int, transition: int = 0) -> list[Moment]:
    """The frames of a clip in their order.

    With a transition the first frame is the photo's. The camera comes to rest where the turn begins, which
    gathers speed from there and loses it again, and it goes back as it came, so that the clip loops.

    Args:
        frames: Of a full turn.
        transition: Frames from the photo to the beginning of the turn, and as many back; 0 for a turn at
            one speed, without a photo.

    Returns:
        frames + 2 * transition of them.
    """
    if transition == 0:
        return [Moment(frame / frames, 1.0) for frame in range(frames)]
    ramp = min(_RAMP * transition / frames, _LONGEST_RAMP)
    return [
        *(Moment(0.0, frame / transition) for frame in range(transition)),
        *(Moment(speed_up(frame / frames, ramp), 1.0) for frame in range(frames)),
        # From the frame after the last of the turn, which is its first again, to the one before the photo.
        *(Moment(1.0, 1.0 - frame / transition) for frame in range(transition)),
    ]


def move_camera(from_photo: float) -> float:
    """How much of its way the camera has gone, 0 to 1.

    Args:
        from_photo: See `Moment`.
    """
    return ease((from_photo - _CAMERA_BEGINS) / (1.0 - _CAMERA_BEGINS))


def weigh_photo(from_photo: float) -> float:
    """How much of the photo is seen, 1 to 0.

    Args:
        from_photo: See `Moment`.
    """
    return ease(1.0 - from_photo / _PHOTO_ENDS)


def spread_ground(from_photo: float) -> float:
    """How far the ground has spread from the bodies, 0 to 1 for all of it.

    Args:
        from_photo: See `Moment`.
    """
    return ease((from_photo - _GROUND_BEGINS) / (1.0 - _GROUND_BEGINS))


def ease(share: float) -> float:
    """From 0 to 1 as the share goes there, slow at both ends: the cubic of Hermite, 3 s^2 - 2 s^3."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


def speed_up(share: float, ramp: float) -> float:
    """From 0 to 1 at one speed, but for the ends, where it grows from 0 evenly and falls to 0 again.

    Args:
        share: Of the time, 0 to 1.
        ramp: Of the time, what growing takes and what falling takes, above 0 and up to 1/2.
    """
    if share > 0.5:
        return 1.0 - speed_up(1.0 - share, ramp)
    if share < ramp:
        return share * share / (2.0 * ramp * (1.0 - ramp))
    return (share - ramp / 2.0) / (1.0 - ramp)
