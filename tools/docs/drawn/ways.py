"""The way of a sheet and the order of the rooms, drawn: python -m tools.docs.drawn.ways FOLDER

The rooms and who imports from whom are read from the code, in the order that the tests hold it to.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from tests.test_architecture import PACKAGE, ROOMS, list_imports
from tools.docs.drawn.svg import ACCENT, FAINT, INK, LINE, draw_rect, draw_text, number, write_svg

# Who does it, what, and what travels on from there.
BEFORE = (
    ("fits", "read", "Fits: who, a body, a camera"),
    ("run, record", "survey", "what is missing or out of date"),
    ("run", "gather", "sheets, as many as memory allows"),
)
IN_BATCH = (
    ("photos", "decode", "each photo once, under its sheets"),
    ("body", "pose", "Bodies: vertices and normals, m"),
    ("sheet, rasterize", "project", "Placements: pixels, depth, 1/w"),
    ("light", "light", "for lit modes and for shadows"),
    ("rasterize", "fill", "keys: 64 bits a sample"),
    ("shade", "resolve", "colours, a layer after the other"),
    ("annotate", "annotate", "boxes, joints, captions"),
    ("write", "encode", "a whole file under its name"),
)
WIDTH, BOX, STEP = 480, 196, 50
LEFT = 28
# The first and the last of the steps that are gone through chunk by chunk.
CHUNKED = (4, 5)
# Of rooms: up to how many imports a square has which side.
SIZES = ((3, 5.0), (12, 8.5), (10**6, 12.0))


def draw_step(top: float, room: str, what: str, gives: str) -> list[str]:
    """A step as a box, what it gives beside it, and an arrow to the next."""
    middle = LEFT + BOX / 2
    return [
        draw_rect(LEFT, top, BOX, 36, f'fill="#fff" stroke="{LINE}"', 6),
        draw_text(LEFT + 12, top + 23, what, 14.5, f'fill="{INK}" font-weight="600"'),
        draw_text(LEFT + BOX - 10, top + 23, room, 12, f'fill="{FAINT}"', "end"),
        draw_text(LEFT + BOX + 16, top + 23, gives, 13, f'fill="{INK}"'),
        draw_arrow(middle, top + 37, top + STEP - 1),
    ]


def draw_arrow(x: float, top: float, bottom: float) -> str:
    """An arrow down."""
    head = f"M{number(x - 3.5)} {number(bottom - 5)}l3.5 5l3.5 -5"
    way = f"M{number(x)} {number(top)}V{number(bottom)}{head}"
    return f'<path fill="none" stroke="{FAINT}" stroke-width="1.3" d="{way}"/>'


def draw_end(top: float, words: str, gives: str) -> list[str]:
    """What comes in, or goes out."""
    return [
        draw_rect(LEFT, top, BOX, 36, 'fill="#2b3a4a"', 18),
        draw_text(LEFT + BOX / 2, top + 23, words, 14.5, 'fill="#fff" font-weight="600"', "middle"),
        draw_text(LEFT + BOX + 16, top + 23, gives, 13, f'fill="{INK}"'),
    ]


def draw_life(path: Path) -> None:
    """The way of a sheet, from the file of fits to its line in the manifest."""
    middle = LEFT + BOX / 2
    parts = [*draw_end(16, "a file of fits", "JSON, npz, pickle, meshes ..."), draw_arrow(middle, 53, 65)]
    top = 66.0
    for i, step in enumerate(BEFORE):
        drawn = draw_step(top, *step)
        # The last leads over the border of the batch, see below.
        parts += drawn if i + 1 < len(BEFORE) else drawn[:-1]
        top += STEP
    band = top + 4
    height = STEP * len(IN_BATCH) + 40
    look = f'fill="#fbf3ed" stroke="{ACCENT}" stroke-opacity=".45"'
    said = "A batch; several are under way"
    parts += [
        draw_rect(12, band, WIDTH - 24, height, look, 10),
        draw_text(LEFT + BOX + 16, band + 22, said, 13, f'fill="{ACCENT}"'),
        draw_arrow(middle, top - 13, band + 32),
    ]
    top = band + 33
    for i, step in enumerate(IN_BATCH):
        drawn = draw_step(top, *step)
        parts += drawn if i + 1 < len(IN_BATCH) else drawn[:-1]
        if i == CHUNKED[1]:
            parts.append(draw_loop(top - STEP * (CHUNKED[1] - CHUNKED[0]) + 18, top + 18))
        top += STEP
    parts.append(draw_arrow(middle, top - 13, top + 25))
    parts += draw_end(top + 26, "manifest.jsonl", "a line: the sheet is done")
    title = "The way of a sheet from the file of fits to its line in the manifest"
    write_svg(path, WIDTH, top + 78, parts, title)


def draw_loop(top: float, bottom: float) -> str:
    """From a step back to one before it, on the left."""
    x, back = LEFT - 1, LEFT - 9
    head = f"M{number(x - 4)} {number(top - 3.5)}l4 3.5l-4 3.5"
    way = f"M{number(x)} {number(bottom)}H{number(back)}V{number(top)}H{number(x)}{head}"
    return f'<path fill="none" stroke="{ACCENT}" stroke-width="1.4" d="{way}"/>'


def draw_rooms(path: Path) -> None:
    """A square for each two rooms of which one imports from the other."""
    rooms = [room for room in ROOMS if not room.startswith("__")]
    counts = Counter(
        (module.split(".")[0], imported.split(".")[0]) for module, imported in list_imports(PACKAGE)
    )
    pitch, left, top = 14.0, 16.0, 16.0
    width, height = left + pitch * len(rooms) + 84, top + pitch * len(rooms) + 14
    parts = []
    for i, room in enumerate(rooms):
        y = top + i * pitch
        if i % 2:
            parts.append(draw_rect(left, y, pitch * i, pitch, 'fill="#f5f6f8"'))
        for j, other in enumerate(rooms[:i]):
            if count := counts[room, other]:
                # Few sizes, so that not every import makes another drawing.
                side = next(side for most, side in SIZES if count <= most)
                place = left + (j + 0.5) * pitch - side / 2, y + (pitch - side) / 2
                parts.append(draw_rect(*place, side, side, f'fill="{ACCENT}"', 1.5))
        parts.append(draw_rect(left + i * pitch + 2, y + 2, pitch - 4, pitch - 4, 'fill="#2b3a4a"', 2))
        parts.append(draw_text(left + (i + 1) * pitch + 4, y + 11, room, 12.5))
    write_svg(path, width, height, parts, "Which room of the package imports from which")


def main(folder: Path) -> None:
    """Writes both drawings into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_life(folder / "life-of-a-sheet.svg")
    draw_rooms(folder / "rooms.svg")


if __name__ == "__main__":
    main(Path(*sys.argv[1:]))
