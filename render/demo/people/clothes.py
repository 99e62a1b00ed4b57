"""What the demo people wear: garments cut out of the body's rest shape, never moving a vertex.

In the T-pose a garment is a simple region: sleeves end at some |x|, hems at some y, the neckline and the
hairline are slanted planes. Each pixel looks up where its point of the surface lies in that pose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from render.demo import palette
from render.demo.brushes import sample_noise

# How far below the neck's joint the longest hair falls.
HAIR_REACH_M = 0.06


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
    eye: np.ndarray
    ear: np.ndarray
    nose: np.ndarray

    @classmethod
    def of(cls, joints: np.ndarray) -> Landmarks:
        """Finds them.

        Args:
            joints: Of the mean shape in the T-pose (45, 3): 24 of SMPL and smplx's landmarks.
        """
        return cls(
            elbow_x=joints[18, 0], wrist_x=joints[20, 0], shoulder_x=joints[16, 0], neck_y=joints[12, 1],
            pelvis_y=joints[0, 1], knee_y=joints[4, 1], ankle_y=joints[7, 1], eye=joints[26],
            ear=joints[28], nose=joints[24],
        )  # fmt: skip


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


def choose_outfit(rng: np.random.Generator, marks: Landmarks) -> Outfit:
    """Chooses clothes for one person.

    Args:
        rng: What chooses.
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
        sleeve_x_m=rng.choice(sleeves, p=(0.1, 0.3, 0.2, 0.1, 0.3)),
        hem_y_m=marks.pelvis_y + rng.uniform(0.0, 0.07),
        leg_y_m=rng.choice(legs, p=(0.15, 0.2, 0.15, 0.5)),
        neckline_m=rng.uniform(-0.03, 0.015),
        hair_drop_m=rng.choice((0.0, 0.0, 0.05, 0.1)),
        pattern=str(rng.choice(("plain", "plain", "plain", "stripes", "jacket", "panel"))),
        phase=float(rng.uniform(0, 1)),
    )


def paint(outfit: Outfit, marks: Landmarks, rest_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Skin, hair and clothes at points of the body.

    Args:
        outfit: What the person wears.
        marks: Of the body.
        rest_m: The points where they lie in the T-pose (P, 3).

    Returns:
        Albedo in linear light (P, 3), and cloth (P,), 1 on fabric and 0 elsewhere.
    """
    x, y, z = np.abs(rest_m[:, 0]), rest_m[:, 1], rest_m[:, 2]
    grain = sample_noise((rest_m[:, 0] + z) / 0.03, y / 0.03, outfit.phase)
    albedo = np.tile(outfit.skin, (len(x), 1))
    on_head = y > marks.neck_y - HAIR_REACH_M
    albedo[on_head] = _paint_head(albedo[on_head], outfit, marks, rest_m[on_head])

    # In the T-pose arms lie beyond the shoulders; the height keeps out the hips.
    on_arm = (x > marks.shoulder_x) & (y > marks.pelvis_y + 0.25)
    below_neck = y < marks.neck_y - 0.015 + outfit.neckline_m - 0.35 * z + 0.25 * x
    top = (on_arm & (x < outfit.sleeve_x_m)) | (~on_arm & below_neck & (y > outfit.hem_y_m + 0.002 * grain))
    albedo[top] = outfit.top
    if outfit.pattern == "stripes":
        along = np.where(on_arm, x, y)
        albedo[top & (np.mod(along / 0.055 + outfit.phase, 1) < 0.4)] = outfit.accent
    if outfit.pattern == "jacket":
        albedo[top & (x < 0.035 + 0.16 * np.maximum(y - 0.05, 0)) & (z > 0.03)] = outfit.accent
    if outfit.pattern == "panel":
        albedo[top & ~on_arm & (y < 0.16) & (y > 0.03)] = outfit.accent
    # A darker line marks the cuff.
    edge = on_arm & (np.abs(x - outfit.sleeve_x_m + 0.008) < 0.008)
    albedo[top & edge] *= 0.8

    bottom = ~on_arm & (y <= outfit.hem_y_m + 0.002 * grain) & (y > outfit.leg_y_m)
    albedo[bottom] = outfit.bottom
    albedo[bottom & (y > outfit.hem_y_m - 0.03)] *= 0.55
    shoe = y < marks.ankle_y + 0.02 - 0.25 * (z - 0.03)
    albedo[shoe] = outfit.shoes
    # Soles.
    albedo[y < marks.ankle_y - 0.064] = (0.5, 0.49, 0.47)
    cloth = (top | bottom | shoe).astype(np.float32)
    albedo *= (1 + (0.015 + 0.015 * cloth) * grain)[:, None]
    return albedo, cloth


def _paint_head(albedo: np.ndarray, outfit: Outfit, marks: Landmarks, rest_m: np.ndarray) -> np.ndarray:
    """`albedo` (P, 3) with cheeks, lips, eyes, brows and hair."""
    x, y, z = np.abs(rest_m[:, 0]), rest_m[:, 1], rest_m[:, 2]
    front = z > marks.ear[2] + 0.04
    dx, dy = x - marks.eye[0], y - marks.eye[1]
    cheek = np.exp(-(((x - 0.045) / 0.03) ** 2) - ((y - marks.nose[1] + 0.005) / 0.025) ** 2) * front
    albedo *= 1 - cheek[:, None] * np.array([0.02, 0.14, 0.14])
    lips = front & ((x / 0.024) ** 2 + ((y - marks.nose[1] + 0.036) / 0.008) ** 2 < 1)
    albedo[lips] *= (0.75, 0.5, 0.5)
    eyes = front & ((dx / 0.014) ** 2 + (dy / 0.006) ** 2 < 1)
    albedo[eyes] = (0.36, 0.34, 0.32)
    albedo[eyes & (dx**2 + dy**2 < 0.006**2)] = (0.03, 0.02, 0.015)
    brows = front & ((dx / 0.019) ** 2 + ((dy - 0.02 + 12 * dx**2) / 0.004) ** 2 < 1)
    albedo[brows] = outfit.hair * 0.8

    # Hair does not end in a clean line.
    ragged = 0.0035 * sample_noise(rest_m[:, 0] / 0.012, z / 0.012, outfit.phase)
    # A slanted plane from the forehead over the ears to the nape.
    line = marks.eye[1] + 0.058 + 0.72 * (z - marks.eye[2]) - outfit.hair_drop_m * (z < marks.ear[2])
    ear = (x > marks.ear[0] - 0.012) & (np.abs(y - marks.ear[1]) < 0.04) & (z > marks.ear[2] - 0.04)
    hair = (y > line + ragged) & (y > marks.neck_y + 0.02 - 0.8 * outfit.hair_drop_m) & ~ear
    hair &= x < marks.shoulder_x
    streaks = sample_noise((rest_m[:, 0] + 0.4 * y) / 0.007, (y + z) / 0.035, outfit.phase)
    albedo[hair] = outfit.hair * (1 + 0.09 * streaks[hair, None])
    return albedo
