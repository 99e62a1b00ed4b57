"""Lays a scene and photos out on one card, which is white in light and dark pages alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from tools.docs.coordinates.letters import open_font

WIDTH_PX, MARGIN_PX, GAP_PX, LABEL_PX, CORNER_PX = 1200, 18, 14, 58, 22
TEXT_PX, MARK_PX = 34, 36
GOOD, BAD, WHITE, LINE, TEXT = (30, 140, 70), (200, 50, 47), (255, 255, 255), (214, 219, 226), (42, 50, 60)
# Drawn so many times as large, for smooth edges.
FINE = 4


@dataclass(frozen=True)
class Shown:
    """A photo on a card.

    Attributes:
        picture: File.
        is_right: Whether its people are where they should be.
        label: What was done.
        ring: x, y and radius of a ring around what is hard to see, in widths of the photo.
        zoom: left, top and width of the part that is shown, in widths of the photo.
    """

    picture: str
    is_right: bool
    label: str
    ring: tuple[float, float, float] | None = None
    zoom: tuple[float, float, float] | None = None


def measure(count: int) -> tuple[int, int, int]:
    """Widths of the scene and of each of so many photos, and the height of both."""
    inner = WIDTH_PX - 2 * MARGIN_PX - count * GAP_PX
    share = 0.32 if count == 2 else 0.26
    scene = round(share * inner)
    photo = (inner - scene) // count
    return inner - count * photo, photo, round(0.75 * photo)


def lay_out(scene: Image.Image, photos: list[Shown], folder: Path) -> Image.Image:
    """The card.

    Args:
        scene: As large as `measure` says.
        photos: From left to right.
        folder: Of their files.
    """
    scene_width, width, height = measure(len(photos))
    total = (WIDTH_PX, height + LABEL_PX + 2 * MARGIN_PX)
    card = Image.new("RGB", total, WHITE)
    card.paste(scene, (MARGIN_PX, MARGIN_PX))
    left = MARGIN_PX + scene_width
    for shown in photos:
        left += GAP_PX
        card.paste(cut(folder, shown, (width, height)), (left, MARGIN_PX))
        label(card, shown, left, MARGIN_PX + height)
        left += width
    return card


def lay_out_grid(photos: list[Shown], columns: int, folder: Path) -> Image.Image:
    """Photos alone, in rows.

    Args:
        photos: Row by row.
        columns: In a row.
        folder: Of their files.
    """
    width = (WIDTH_PX - 2 * MARGIN_PX - (columns - 1) * GAP_PX) // columns
    height = round(0.75 * width)
    rows = -(-len(photos) // columns)
    card = Image.new("RGB", (WIDTH_PX, rows * (height + LABEL_PX) + (rows + 1) * MARGIN_PX), WHITE)
    for i, shown in enumerate(photos):
        left = MARGIN_PX + i % columns * (width + GAP_PX)
        top = MARGIN_PX + i // columns * (height + LABEL_PX + MARGIN_PX)
        card.paste(cut(folder, shown, (width, height)), (left, top))
        label(card, shown, left, top + height)
    return card


def cut(folder: Path, shown: Shown, size_px: tuple[int, int]) -> Image.Image:
    """The photo, or the part of it that is shown, with round corners and its ring."""
    with Image.open(folder / shown.picture) as opened:
        photo = opened.convert("RGB")
    x, y, share = shown.zoom or (0.0, 0.0, 1.0)
    part = (
        photo.width * x,
        photo.width * y,
        photo.width * (x + share),
        photo.width * y + photo.width * share * 0.75,
    )
    # Pixels are to be seen as such where few are shown.
    filtering = Image.Resampling.NEAREST if share < 0.2 else Image.Resampling.LANCZOS
    photo = photo.resize(size_px, filtering, part)
    large = Image.new("L", (FINE * size_px[0], FINE * size_px[1]))
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1), FINE * CORNER_PX // 2, 255
    )
    if shown.ring:
        over = Image.new("L", large.size)
        cx, cy, radius = (FINE * size_px[0] * value for value in shown.ring)
        ImageDraw.Draw(over).ellipse(
            (cx - radius, cy - radius, cx + radius, cy + radius), outline=255, width=5 * FINE
        )
        photo.paste(BAD, mask=over.resize(size_px, Image.Resampling.BOX))
    result = Image.new("RGB", size_px, WHITE)
    result.paste(photo, mask=large.resize(size_px, Image.Resampling.BOX))
    return result


def label(card: Image.Image, shown: Shown, left: int, top: int) -> None:
    """A tick or a cross, and what was done, below a photo."""
    side, color = FINE * MARK_PX, GOOD if shown.is_right else BAD
    mark = Image.new("RGB", (side, side), WHITE)
    pen = ImageDraw.Draw(mark)
    pen.ellipse((0, 0, side - 1, side - 1), color)
    strokes = (
        [((0.26, 0.54), (0.43, 0.70), (0.74, 0.34))]
        if shown.is_right
        else [((0.31, 0.31), (0.69, 0.69)), ((0.69, 0.31), (0.31, 0.69))]
    )
    for stroke in strokes:
        pen.line([(side * x, side * y) for x, y in stroke], WHITE, side // 9, "curve")
    middle = top + 6 + LABEL_PX // 2
    card.paste(mark.resize((MARK_PX, MARK_PX), Image.Resampling.BOX), (left, middle - MARK_PX // 2))
    place = (left + MARK_PX + 10, middle)
    ImageDraw.Draw(card).text(place, shown.label, TEXT, open_font(TEXT_PX), "lm", stroke_width=0)
