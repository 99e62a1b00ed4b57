"""What the demo people choose to wear, and the landmarks of the body that clothes are cut by.

In the T-pose a garment is a simple region: sleeves end at some |x|, hems at some y, the neckline and the
hairline are slanted planes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.demo import palette


@dataclass(frozen=True)
class Landmarks:
    """Landmarks of the rest shape that garments are cut by, in m, in the T-pose.

    Attributes:
        elbow_x: Half-width at the elbows, and so on for other joints.
        wrist_x: Half-width.
        shoulder_x: Half-width.
        neck_y: Height above the rest shape's origin, and so on for other joints.
        pelvis_y: Height.
        knee_y: Height.
        ankle_y: Height.
        eye: x, y, z of the left eye (3,).
        ear: x, y, z of the left ear (3,).
        nose: x, y, z (3,).
    """

    elbow_x: float
    wrist_x: float
    shoulder_x: float
    neck_y: float
    pelvis_y: float
    knee_y: float
    ankle_y: float
    eye: tuple[float, float, float]
    ear: tuple[float, float, float]
    nose: tuple[float, float, float]

    @classmethod
    def of(cls, joints: np.ndarray) -> Landmarks:
        """Finds them.

        Args:
            joints: Of the mean shape in the T-pose (45, 3): 24 of SMPL and smplx's landmarks.
        """
        # Plain numbers, beside which arrays of float32 stay what they are.
        eye, ear, nose = (tuple(joints[number].tolist()) for number in (26, 28, 24))
        (elbow_x, wrist_x, shoulder_x), (neck_y, pelvis_y, knee_y, ankle_y) = (
            joints[numbers, axis].tolist() for numbers, axis in (([18, 20, 16], 0), ([12, 0, 4, 7], 1))
        )
        return cls(elbow_x, wrist_x, shoulder_x, neck_y, pelvis_y, knee_y, ankle_y, eye, ear, nose)


@dataclass(frozen=True)
class Outfit:
    """What one person wears: colours in linear light (3,), and where garments end in the T-pose.

    Attributes:
        skin: Colour.
        hair: Colour.
        top: Colour.
        accent: Second colour of a top with a pattern.
        bottom: Colour.
        shoes: Colour.
        sleeve_x_m: Where sleeves end.
        hem_y_m: Where the top ends and the bottom begins.
        leg_y_m: Where the bottom ends.
        neckline_m: How far the neckline is moved up.
        hair_drop_m: How far the hair reaches down at the back.
        pattern: Of the top: plain, stripes, jacket or panel.
        phase: Of stripes and of all noise, 0 to 1.
        ease: How loose clothes are, about 1.
        hair_m: How far full hair stands off the head.
        sole: Colour.
        sock: Colour.
        beard: How dense a beard is, 0 to 1.
        is_denim: Whether trousers are worn pale on thighs and knees.
    """

    skin: np.ndarray
    hair: np.ndarray
    top: np.ndarray
    accent: np.ndarray
    bottom: np.ndarray
    shoes: np.ndarray
    sleeve_x_m: float
    hem_y_m: float
    leg_y_m: float
    neckline_m: float
    hair_drop_m: float
    pattern: str
    phase: float
    ease: float
    hair_m: float
    sole: np.ndarray
    sock: np.ndarray
    beard: float
    is_denim: bool


def choose_outfit(rng: np.random.Generator, more: np.random.Generator, marks: Landmarks) -> Outfit:
    """Chooses clothes for one person.

    Args:
        rng: What chooses. The fits are drawn from it too, later on, so nothing may be added here.
        more: What chooses all else.
        marks: Of the body.
    """
    top, bottom = palette.choose(rng, palette.TOPS), palette.choose(rng, palette.BOTTOMS)
    upper_arm = marks.elbow_x - marks.shoulder_x
    sleeves = (marks.shoulder_x + 0.02, marks.elbow_x - 0.45 * upper_arm, marks.elbow_x - 0.3 * upper_arm,
               marks.elbow_x + 0.08, marks.wrist_x - 0.015)  # fmt: skip
    legs = (marks.knee_y + 0.2, marks.knee_y + 0.06, marks.ankle_y + 0.13, marks.ankle_y + 0.035)
    tone = rng.integers(len(palette.SKIN))
    # Fair hair, red hair and grey hair go with the lighter tones of skin alone.
    hairs = palette.HAIR if tone < 3 else palette.HAIR[:3]
    return Outfit(
        skin=palette.choose(rng, palette.SKIN[tone : tone + 1], 0.03),
        hair=palette.choose(rng, hairs, 0.05),
        top=top,
        accent=palette.choose(rng, palette.TOPS),
        bottom=bottom,
        shoes=palette.choose(rng, palette.SHOES),
        sleeve_x_m=float(rng.choice(sleeves, p=(0.1, 0.3, 0.2, 0.1, 0.3))),
        hem_y_m=marks.pelvis_y + float(rng.uniform(0.0, 0.07)),
        leg_y_m=float(rng.choice(legs, p=(0.15, 0.2, 0.15, 0.5))),
        neckline_m=float(rng.uniform(-0.03, 0.015)),
        hair_drop_m=float(rng.choice((0.0, 0.0, 0.05, 0.1))),
        pattern=str(rng.choice(("plain", "plain", "plain", "stripes", "jacket", "panel"))),
        phase=float(rng.uniform(0, 1)),
        ease=float(more.uniform(0.7, 1.25)),
        hair_m=float(more.choice((0.005, 0.009, 0.012, 0.015))),
        sole=palette.choose(more, palette.SOLES, 0.03),
        sock=palette.choose(more, palette.SOCKS, 0.03),
        beard=float(more.choice((0.0, 0.0, 0.0, 0.45, 0.8))),
        is_denim=bool(more.random() < 0.5),
    )
