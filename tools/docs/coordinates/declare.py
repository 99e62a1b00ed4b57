"""What is on each card: the sheets that its commands have drawn, and what was done."""

from __future__ import annotations

from tools.docs.coordinates.cards import Shown

PHOTO = "demo_000003_5.jpg"
# Nothing is drawn over it where all bodies are behind their camera.
BARE = "../../../eft_fit/demo/n12_seed0/images/demo_000003.jpg"


def right(name: str, label: str, picture: str = PHOTO) -> Shown:
    return Shown(f"{name}/{picture}", True, label)


def wrong(
    name: str, label: str, picture: str = PHOTO, ring: tuple[float, float, float] | None = None
) -> Shown:
    return Shown(f"{name}_wrong/{picture}", False, label, ring)


# A frame of the walk.
FRAME = "000067_67.jpg"

CARDS: dict[str, list[Shown]] = {
    "opencv": [right("opencv", "axes: opencv"), wrong("opencv", "axes: opengl")],
    "opengl": [right("opengl", "axes: opengl"), wrong("opengl", "only y negated")],
    "pytorch3d": [right("pytorch3d", "axes: pytorch3d"), wrong("pytorch3d", "axes: opencv")],
    "y-up": [right("y-up", "up: y", f"y_up/{FRAME}"), wrong("y-up", "up: z", f"y_up/{FRAME}")],
    "z-up": [right("z-up", "up: z", f"z_up/{FRAME}"), wrong("z-up", "up: y", f"z_up/{FRAME}")],
    "blender": [
        right("blender", "R, T of OpenCV"),
        Shown(BARE, False, "Blender's own R, T"),
    ],
    "units": [
        right("units", "all in cm"),
        wrong("units", "T in m"),
        wrong("units_far", "T in mm", ring=(0.5, 0.375, 0.06)),
    ],
    "weak": [right("weak", "t of s X + t"), wrong("weak", "t of s (X + t)")],
    "crop": [right("crop", "crop's box"), wrong("crop", "no box")],
    "cliff": [right("cliff", "whole photo's t"), wrong("cliff", "crop's t")],
    "hmr2": [
        right("hmr2", "5000 / 256", "demo_000003_0.jpg"),
        wrong("hmr2", "fov: 60", "demo_000003_0.jpg", ring=(0.5, 0.375, 0.06)),
    ],
    "own-cameras": [right("own-cameras", "each his own"), wrong("own-cameras", "one for all")],
    "focal-length": [right("focal-length", "fov: 24"), wrong("focal-length", "fov: 60")],
    "pixels": [
        right("opencv", "from corner"),
        wrong("pixels", "from middle"),
        wrong("pixels_twice", "photo of 2 W"),
    ],
}

# What the most frequent mistakes look like, on a card of their own.
MISTAKES: list[Shown] = [
    wrong("opencv", "y up, z back"),
    wrong("opengl", "mirrored"),
    wrong("pytorch3d", "x left, y up"),
    wrong("z-up", "other axis up", f"z_up/{FRAME}"),
    wrong("units", "bodies in cm"),
    wrong("hmr2", "short lens", "demo_000003_0.jpg", ring=(0.5, 0.375, 0.06)),
    wrong("crop", "crop's camera"),
    wrong("cliff", "crop's t"),
    wrong("weak", "s (X + t)"),
    wrong("focal-length", "focal length"),
    wrong("pixels", "from middle"),
    wrong("pixels_twice", "photo size"),
]
