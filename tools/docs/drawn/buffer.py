"""The visibility buffer, drawn: python -m tools.docs.drawn.buffer FOLDER

A crop of a real picture, pixel by pixel: where it is, the faces, who is in front, how deep, where in the
face, the colour, and the samples of pixels on edges. And the keys that the faces of one pixel offer.
"""

from __future__ import annotations

import colorsys
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tools.docs.drawn.crop import LEFT, SIDE, SIZE_PX, TOP, Crop, list_covering, place_sample, take_crop
from tools.docs.drawn.svg import (
    ACCENT,
    FAINT,
    INK,
    MONO,
    Point,
    Rgb,
    draw_cells,
    draw_dots,
    draw_grid,
    draw_polygons,
    draw_rect,
    draw_text,
    write_rgb,
    write_svg,
)

CARD, MARGIN = 400, 8
CELL = (CARD - 2 * MARGIN) / SIDE
# In the drawing of samples: how many pixels a side, and where they begin within the crop.
FEW, FEW_X, FEW_Y = 10, 7, 8
FEW_CELL = (CARD - 2 * MARGIN) / FEW
# The pixel whose keys are shown: arm before back, each with two sides.
PIXEL = (85, 119)
GREY: Rgb = (236, 238, 240)


def choose_colour(face: int) -> Rgb:
    """Neighbouring numbers have colours that are far from each other."""
    hue, light = (face * 0.61803398875) % 1, 0.62 + 0.18 * ((face * 7) % 5) / 4
    red, green, blue = colorsys.hls_to_rgb(hue, light, 0.62)
    return round(255 * red), round(255 * green), round(255 * blue)


def colour_cells(crop: Crop, choose: Callable[[int, int], Rgb]) -> list[list[Rgb | None]]:
    """The pixels of the crop; those that nothing covers are left out."""
    return [
        [choose(x, y) if crop.face[y, x] >= 0 else None for x in range(LEFT, LEFT + SIDE)]
        for y in range(TOP, TOP + SIDE)
    ]


def read_rgb(picture: np.ndarray, x: int, y: int) -> Rgb:
    """A pixel of a picture."""
    red, green, blue = picture[y, x].tolist()
    return red, green, blue


def write_cells(path: Path, cells: list[list[Rgb | None]], title: str) -> None:
    """Writes the pixels of the crop, enlarged."""
    grid = draw_grid(SIDE, SIDE, CELL, MARGIN, MARGIN)
    write_svg(path, CARD, CARD, [draw_cells(cells, CELL, MARGIN, MARGIN), grid], title)


def draw_where(crop: Crop, path: Path) -> None:
    """The whole picture, in few greys, and the frame of the crop."""
    scale = (CARD - 2 * MARGIN) / SIZE_PX[1]
    left = (CARD - scale * SIZE_PX[0]) / 2
    # Few greys keep the file small.
    steps = ((crop.hard.astype(int).mean(2, keepdims=True) + 10) // 20 * 20).clip(0, 255).astype(int)
    greys, is_seen = np.broadcast_to(steps, crop.hard.shape), crop.face >= 0
    cells = [
        [read_rgb(greys, x, y) if is_seen[y, x] else None for x in range(SIZE_PX[0])]
        for y in range(SIZE_PX[1])
    ]
    frame = [left + LEFT * scale, MARGIN + TOP * scale, SIDE * scale, SIDE * scale]
    look = f'fill="none" stroke="{ACCENT}" stroke-width="2.5"'
    size = f"{SIZE_PX[0]} x {SIZE_PX[1]} pixels"
    parts = [
        draw_cells(cells, scale, left, MARGIN),
        draw_rect(frame[0], frame[1], frame[2], frame[3], look),
        draw_text(frame[0] - 8, frame[1] + 14, f"{SIDE} x {SIDE}", 14, f'fill="{ACCENT}"', "end"),
        draw_text(MARGIN + 6, CARD - MARGIN - 6, size, 14, f'fill="{FAINT}"'),
    ]
    write_svg(path, CARD, CARD, parts, "The demo body running, and the frame of the crop at its elbow")


def list_faces_near(crop: Crop, left: float, top: float, side: float) -> list[tuple[int, list[Point]]]:
    """Faces that reach into a square, with their corners in pixels of it, the farthest first."""
    corners = crop.verts[crop.faces]
    low, high = corners[:, :, :2].min(1), corners[:, :, :2].max(1)
    near = np.flatnonzero((low < np.array([left, top]) + side).all(1) & (high > np.array([left, top])).all(1))
    near = near[np.argsort(-corners[near, :, 2].min(1), kind="stable")]
    return [
        (int(face), [(float(x - left), float(y - top)) for x, y in corners[face, :, :2]]) for face in near
    ]


def clip_card(inner: str) -> str:
    """What is drawn within the margins of a card, and cut off there."""
    place = f'x="{MARGIN}" y="{MARGIN}" width="{CARD - 2 * MARGIN}" height="{CARD - 2 * MARGIN}"'
    return f'<svg {place} overflow="hidden">{inner}</svg>'


def draw_faces(crop: Crop, path: Path) -> None:
    """The faces that win a pixel, those that win none behind them, and the centres of all pixels."""
    seen = set(crop.face[TOP : TOP + SIDE, LEFT : LEFT + SIDE].ravel().tolist())
    polygons = [
        (face, [(x * CELL, y * CELL) for x, y in polygon])
        for face, polygon in list_faces_near(crop, LEFT, TOP, SIDE)
    ]
    hidden = [polygon for face, polygon in polygons if face not in seen]
    shown = [polygon for face, polygon in polygons if face in seen]
    centres = {
        is_covered: [
            ((i + 0.5) * CELL, (j + 0.5) * CELL)
            for j in range(SIDE)
            for i in range(SIDE)
            if (crop.face[TOP + j, LEFT + i] >= 0) == is_covered
        ]
        for is_covered in (True, False)
    }
    inner = [
        draw_polygons(hidden, "#f3f4f6", "#d4d8dd", 0.5),
        draw_polygons(shown, "#f4e6da", "#7a6a5c", 0.9),
        draw_dots(centres[False], 1.1, "#b8bfc6"),
        draw_dots(centres[True], 1.5, ACCENT),
    ]
    grid = draw_grid(SIDE, SIDE, CELL, MARGIN, MARGIN)
    write_svg(path, CARD, CARD, [clip_card("".join(inner)), grid], "Faces over the centres of pixels")


def draw_samples(crop: Crop, path: Path) -> None:
    """Pixels on edges with their 16 samples, each in the colour of the face that is in front there."""
    left, top = LEFT + FEW_X, TOP + FEW_Y
    polygons = [
        [(x * FEW_CELL, y * FEW_CELL) for x, y in polygon]
        for _, polygon in list_faces_near(crop, left, top, FEW)
    ]
    cells: list[list[Rgb | None]] = [[None] * FEW for _ in range(FEW)]
    dots: dict[str, list[Point]] = {}
    frames = []
    for j in range(FEW):
        for i in range(FEW):
            face, samples = crop.face[top + j, left + i], crop.samples.get((left + i, top + j))
            if samples is None:
                cells[j][i] = GREY if face >= 0 else None
                continue
            frames.append((i, j))
            for sample, found in enumerate(samples.tolist()):
                dx, dy = place_sample(sample)
                fill = "#ffffff" if found < 0 else write_rgb(choose_colour(found))
                dots.setdefault(fill, []).append(((i + dx) * FEW_CELL, (j + dy) * FEW_CELL))
    look = f'fill="none" stroke="{ACCENT}" stroke-width="1.6"'
    inner = [
        draw_cells(cells, FEW_CELL, 0, 0),
        draw_polygons(polygons, "none", "#c3c9cf", 0.7),
        *(draw_rect(i * FEW_CELL + 1, j * FEW_CELL + 1, FEW_CELL - 2, FEW_CELL - 2, look) for i, j in frames),
        *(draw_dots(places, 2.3, fill, "#6b7580") for fill, places in sorted(dots.items())),
    ]
    grid = draw_grid(FEW, FEW, FEW_CELL, MARGIN, MARGIN)
    write_svg(path, CARD, CARD, [clip_card("".join(inner)), grid], "Samples of the pixels on edges")


def draw_keys(crop: Crop, path: Path) -> None:
    """What the faces over one pixel offer, and which of them stays."""
    x, y = PIXEL
    found = list_covering(crop, x, y)
    assert found[0][0] >> 36 == int(crop.keys[y, x]) >> 36, "the key is of another depth"
    row, top, width = 30, 96, 480
    mono, heading = f'font-family="{MONO}"', f"What reaches the centre of pixel ({x}, {y})"
    parts = [
        draw_text(20, 30, heading, 16, f'fill="{INK}" font-weight="600"'),
        draw_text(20, 50, "in the order in which a thread comes to the faces", 13, f'fill="{FAINT}"'),
        draw_text(20, top - 14, "face", 13, f'fill="{FAINT}"'),
        draw_text(98, top - 14, "depth, m", 13, f'fill="{FAINT}"'),
        draw_text(186, top - 14, "key: its two halves", 13, f'fill="{FAINT}"'),
        draw_text(width - 20, top - 14, "kept", 13, f'fill="{FAINT}"', "end"),
    ]
    kept = None
    # Faces come in the order of their numbers.
    for i, (key, face, depth) in enumerate(sorted(found, key=lambda one: one[1])):
        at = top + row * i
        is_nearer = kept is None or key < kept
        kept = key if kept is None else min(kept, key)
        if key == found[0][0]:
            parts.append(draw_rect(10, at - 2, width - 20, row - 4, 'fill="#fbeee6"', 4))
        weight = ' font-weight="600"' if key == found[0][0] else ""
        said = "this one" if is_nearer else "the former"
        baseline = at + 16
        parts += [
            draw_rect(20, at + 3, 14, 14, f'fill="{write_rgb(choose_colour(face))}" stroke="#6b7580"', 3),
            draw_text(42, baseline, str(face), 14, f'fill="{INK}" {mono}{weight}'),
            draw_text(98, baseline, f"{depth:.4f}", 14, f'fill="{INK}" {mono}{weight}'),
            draw_text(186, baseline, f"{key >> 32:08x}", 14, f'fill="{ACCENT}" {mono}{weight}'),
            draw_text(262, baseline, f"{key & 0xFFFFFFFF:08x}", 14, f'fill="{INK}" {mono}{weight}'),
            draw_text(width - 20, baseline, said, 14, f'fill="{INK if is_nearer else FAINT}"{weight}', "end"),
        ]
    bottom = top + row * len(found) + 20
    half = (width - 40) / 2
    parts += [
        draw_rect(20, bottom, half, 34, f'fill="#fbeee6" stroke="{ACCENT}"'),
        draw_rect(20 + half, bottom, half, 34, f'fill="{write_rgb(GREY)}" stroke="{FAINT}"'),
        draw_text(20 + half / 2, bottom + 22, "order of the depth", 14, f'fill="{ACCENT}"', "middle"),
        draw_text(20 + 1.5 * half, bottom + 22, "placement x F + face", 14, anchor="middle"),
        draw_text(20, bottom + 52, "63", 12, f'fill="{FAINT}"'),
        draw_text(20 + half - 4, bottom + 52, "32", 12, f'fill="{FAINT}"', "end"),
        draw_text(20 + half + 4, bottom + 52, "31", 12, f'fill="{FAINT}"'),
        draw_text(width - 20, bottom + 52, "0", 12, f'fill="{FAINT}"', "end"),
    ]
    write_svg(path, width, bottom + 66, parts, f"Keys of the faces that cover pixel ({x}, {y})")


def main(folder: Path) -> None:
    """Writes all of these drawings into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    crop = take_crop()
    inside = crop.depth[TOP : TOP + SIDE, LEFT : LEFT + SIDE]
    near, far = float(np.nanmin(inside)), float(np.nanmax(inside))

    def shade_depth(x: int, y: int) -> Rgb:
        grey = round(225 - 185 * (crop.depth[y, x] - near) / (far - near))
        return grey, grey, grey

    def mix_corners(x: int, y: int) -> Rgb:
        # Not quite to black, so that the borders of pixels are seen.
        red, green, blue = (round(45 + 210 * weight) for weight in crop.bary[y, x].tolist())
        return red, green, blue

    def colour_face(x: int, y: int) -> Rgb:
        return choose_colour(int(crop.face[y, x]))

    draw_where(crop, folder / "buffer-where.svg")
    draw_faces(crop, folder / "buffer-faces.svg")
    draw_keys(crop, folder / "buffer-keys.svg")
    draw_samples(crop, folder / "buffer-samples.svg")
    for name, choose, title in (
        (
            "faces-in-front",
            colour_face,
            "The face in front of each pixel",
        ),
        ("depth", shade_depth, "The depth of each pixel, near ones light"),
        ("barycentric", mix_corners, "Barycentric coordinates as red, green and blue"),
        ("hard", lambda x, y: read_rgb(crop.hard, x, y), "The colour of each pixel, with hard edges"),
    ):
        write_cells(folder / f"buffer-{name}.svg", colour_cells(crop, choose), title)
    smooth: list[list[Rgb | None]] = [
        [read_rgb(crop.smooth, x, y) for x in range(LEFT, LEFT + SIDE)] for y in range(TOP, TOP + SIDE)
    ]
    write_cells(folder / "buffer-smooth.svg", smooth, "The colour of each pixel, with smooth edges")


if __name__ == "__main__":
    main(Path(*sys.argv[1:]))
