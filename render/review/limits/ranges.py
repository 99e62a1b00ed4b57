"""How far joints of people go, as handbooks have it, in the frames of SMPL's joints.

Most numbers are of the American Academy of Orthopaedic Surgeons ("Joint Motion", 1965), or of the American
Medical Association's "Guides to the Evaluation of Permanent Impairment" where those go farther; C. C. Norkin
and D. J. White, "Measurement of Joint Motion", have both in tables side by side. Where neither has a
movement, its number is of I. A. Kapandji, "The Physiology of the Joints", or of D. A. Neumann, "Kinesiology
of the Musculoskeletal System".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Two standard deviations of what healthy adults do (5 to 8 degrees; D. C. Boone and S. P. Azen, "Normal Range
# of Motion of Joints in Male Subjects", 1979), by which also SMPL's rest pose is off the zero of handbooks.
MARGIN_DEG = 15.0


@dataclass(frozen=True)
class Hinge:
    """A joint that bends one way.

    Joints of body models bend any way. Where a fit bends an elbow to the side, people turn their upper arm,
    and round skin does not show which. So the way in which a joint is bent counts as a turn of the bone
    before it, and is held by the range of that.

    Attributes:
        after: The chain of the bone before it.
        axis: By right-handed rotations about it the joint bends.
        give_deg: How far it bends the other way.
    """

    after: str
    axis: tuple[float, float, float]
    give_deg: float


@dataclass(frozen=True)
class Chain:
    """A joint, or several in a row, that move one bone against another.

    Axes are those of SMPL's rest pose, in which arms are stretched to the sides: x to the body's left, y up,
    z forward. A chain that is there twice is described as it is on the left.

    Attributes:
        name: In the table, after `left_` and `right_` where there are two.
        joints: SMPL's, from the inner to the outer one, without a side.
        bone: Where the bone points at rest.
        ranges: Least and greatest of its angles, degrees; see `find_angles` for what they are of.
        has_sides: Whether there are a left and a right one.
        is_one_range: Whether each of the joints is held by the range of all, too.
        lowered_deg: How far an arm is below SMPL's where its angles are 0.
        hinge: How a joint bends that bends one way.
    """

    name: str
    joints: tuple[str, ...]
    bone: tuple[float, float, float]
    ranges: Mapping[str, tuple[float, float]]
    has_sides: bool = True
    is_one_range: bool = False
    lowered_deg: float = 0.0
    hinge: Hinge | None = None


_UP, _DOWN, _LEFT, _FORWARD = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)

CHAINS = (
    Chain(
        "spine",
        ("spine1", "spine2", "spine3"),
        _UP,
        {
            # AAOS: flexion 80, extension 20 to 30; lateral flexion 35; rotation 45.
            "swing_x": (-30, 80),
            "swing_z": (-35, 35),
            "turn": (-45, 45),
        },
        has_sides=False,
        is_one_range=True,
    ),
    Chain(
        "neck",
        ("neck", "head"),
        _UP,
        {
            # AMA: flexion 50, extension 60; lateral flexion 45; rotation 80.
            "swing_x": (-60, 50),
            "swing_z": (-45, 45),
            "turn": (-80, 80),
        },
        has_sides=False,
        is_one_range=True,
    ),
    Chain(
        "collar",
        ("collar",),
        _LEFT,
        {
            # Neumann: elevation 45, depression 10; protraction and retraction 30; rotation 35.
            "swing_z": (-10, 45),
            "swing_y": (-30, 30),
            "turn": (-35, 35),
        },
    ),
    Chain(
        "shoulder",
        ("collar", "shoulder"),
        _LEFT,
        {
            # AAOS: extension 60; horizontal flexion 135, which is 45 past the middle; lateral rotation 90.
            # AMA: medial rotation 80. Flexion and abduction are as far as an arm can point, 180.
            "to_z": (-60, 90),
            "to_x": (-45, 90),
            "turn": (-90, 80),
        },
        # Half-way between the side, where handbooks measure rotation, and where arms hang: with an arm before
        # the chest, the range of either is off by half of what the two differ by there.
        lowered_deg=45.0,
    ),
    Chain(
        "elbow",
        ("elbow",),
        _LEFT,
        {
            # AAOS: flexion 150, extension 0; pronation and supination 80.
            "bend": (0, 150),
            "turn": (-80, 80),
        },
        hinge=Hinge("shoulder", axis=_DOWN, give_deg=0),
    ),
    Chain(
        "wrist",
        ("wrist",),
        _LEFT,
        {
            # AAOS: flexion 80, extension 70; radial deviation 20, ulnar 30. Fits turn the forearm here, too.
            "swing_z": (-80, 70),
            "swing_y": (-20, 30),
            "turn": (-80, 80),
        },
    ),
    Chain(
        "hand",
        ("hand",),
        _LEFT,
        {
            # AAOS, of the knuckles: flexion 90, extension 45. Kapandji: 30 to the sides. They do not turn.
            "swing_z": (-90, 45),
            "swing_y": (-30, 30),
            "turn": (0, 0),
        },
    ),
    Chain(
        "hip",
        ("hip",),
        _DOWN,
        {
            # AAOS: flexion 120, which is 30 above the level; extension 30; abduction 45, adduction 30;
            # rotation 45.
            "to_y": (-90, 30),
            "to_z": (-30, 90),
            "to_x": (-30, 45),
            "turn": (-45, 45),
        },
    ),
    Chain(
        "knee",
        ("knee",),
        _DOWN,
        {
            # AMA: flexion 150. AAOS: hyperextension 10. Kapandji: medial rotation 30, lateral 40.
            "bend": (0, 150),
            "turn": (-40, 30),
        },
        hinge=Hinge("hip", axis=_LEFT, give_deg=10),
    ),
    Chain(
        "ankle",
        ("ankle",),
        _DOWN,
        {
            # AAOS: plantar flexion 50, dorsiflexion 20; inversion 35, eversion 15. Kapandji: 20 inwards and
            # outwards.
            "swing_x": (-20, 50),
            "swing_z": (-35, 15),
            "turn": (-20, 20),
        },
    ),
    Chain(
        "foot",
        ("foot",),
        _FORWARD,
        {
            # AAOS, of the great toe: extension 70, flexion 45. It has no other movements.
            "swing_x": (-70, 45),
            "swing_y": (0, 0),
            "turn": (0, 0),
        },
    ),
)
