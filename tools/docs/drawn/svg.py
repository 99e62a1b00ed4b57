"""SVG of rectangles, lines and texts, on a white card that is read on light and on dark pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Rgb = tuple[int, int, int]
Point = tuple[float, float]

INK, FAINT, LINE, PAPER, ACCENT = "#1f2933", "#5f6b76", "#c9ced4", "#ffffff", "#c4622d"
FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif"
MONO = "ui-monospace,'SFMono-Regular',Menlo,Consolas,'DejaVu Sans Mono',monospace"


def number(value: float) -> str:
    """With two digits after the point at most, so that files are small and the same everywhere."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def write_rgb(rgb: Rgb) -> str:
    """A colour as SVG has it."""
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def draw_cells(colours: Sequence[Sequence[Rgb | None]], size: float, left: float, top: float) -> str:
    """Pixels as squares: a path for each colour, runs of a row together; None is left out.

    Args:
        colours: Rows of pixels.
        size: Of a pixel.
        left: Where the first begins.
        top: Where the first begins.
    """
    runs: dict[Rgb, list[str]] = {}
    for y, row in enumerate(colours):
        x = 0
        while x < len(row):
            end, rgb = x + 1, row[x]
            while end < len(row) and row[end] == rgb:
                end += 1
            if rgb is not None:
                width = number((end - x) * size)
                at = f"M{number(left + x * size)} {number(top + y * size)}"
                runs.setdefault(rgb, []).append(f"{at}h{width}v{number(size)}h-{width}z")
            x = end
    drawn = "".join(f'<path fill="{write_rgb(rgb)}" d="{"".join(paths)}"/>' for rgb, paths in runs.items())
    # Else what lies behind is seen through the seams.
    return f'<g shape-rendering="crispEdges">{drawn}</g>'


def draw_grid(columns: int, rows: int, size: float, left: float, top: float) -> str:
    """The borders of pixels."""
    width, height = number(columns * size), number(rows * size)
    lines = [f"M{number(left + i * size)} {number(top)}v{height}" for i in range(columns + 1)]
    lines += [f"M{number(left)} {number(top + i * size)}h{width}" for i in range(rows + 1)]
    return f'<path fill="none" stroke="#000" stroke-opacity=".16" stroke-width=".6" d="{"".join(lines)}"/>'


def draw_polygons(polygons: Iterable[Sequence[Point]], fill: str, stroke: str, width: float) -> str:
    """Closed polygons that look the same."""
    paths = ["M" + "L".join(f"{number(x)} {number(y)}" for x, y in polygon) + "z" for polygon in polygons]
    look = f'fill="{fill}" stroke="{stroke}" stroke-width="{width}" stroke-linejoin="round"'
    return f'<path {look} d="{"".join(paths)}"/>' if paths else ""


def draw_dots(places: Iterable[Point], radius: float, fill: str, stroke: str = "none") -> str:
    """Dots that look the same."""
    dots = "".join(f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>' for x, y in places)
    return f'<g fill="{fill}" stroke="{stroke}" stroke-width=".5">{dots}</g>'


def draw_rect(x: float, y: float, width: float, height: float, look: str, radius: float = 0) -> str:
    """A rectangle; `look` is attributes such as fill and stroke."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}"'
    return f'<rect {place} rx="{number(radius)}" {look}/>'


def draw_text(
    x: float, y: float, words: str, size: float = 14, look: str = f'fill="{INK}"', anchor: str = "start"
) -> str:
    """A line of text, whose baseline is at y."""
    place = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}" text-anchor="{anchor}"'
    return f"<text {place} {look}>{escape(words)}</text>"


def write_svg(path: Path, width: float, height: float, parts: Iterable[str], title: str) -> None:
    """Writes a drawing on its card."""
    size = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
    card = draw_rect(0.5, 0.5, width - 1, height - 1, f'fill="{PAPER}" stroke="{LINE}"', 6)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}" role="img">'
    path.write_text(f"{head}<title>{escape(title)}</title>{card}{''.join(parts)}</svg>\n")
