"""The source of a figure for Typst, which its author can edit."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import groupby

from render.figure.writers.arrows import find_head
from render.figure.writers.directions import is_right_to_left
from render.figure.writers.numbers import write_number
from render.figure.writers.panels import name_folder
from render.text.fonts import FAMILIES
from render.types.figure.page import FigurePage, PlacedLine, PlacedText

_HEAD = """\
// A figure of {width} mm x {height} mm, for Typst 0.15. Edit it, and compile it again:
//
//     typst compile --font-path FONTS {name}.typ
//
// or with Python's package: typst.compile("{name}.typ", output="{name}.pdf", font_paths=["FONTS"]).
// FONTS is a folder with the fonts below; smpl-render has them in extradata/fonts. For a figure without
// texts, over which LaTeX puts its own, add: --input texts=no

// The first font that has a letter is taken.
#let fonts = ({fonts},)
{sizes}
#let ink = rgb("{ink}")
#let panels = {folder}

#set document(date: none)
#set page(width: {width}mm, height: {height}mm, margin: 0mm, fill: {fill})
#set align(left)
#set par(justify: false)
#set text(
  font: fonts, lang: "en", hyphenate: false, overhang: false, cjk-latin-spacing: none,
  top-edge: "baseline", bottom-edge: "baseline",
)

// Lengths are in millimetres from the upper left corner.
#let put(x, y, body) = place(top + left, dx: x * 1mm, dy: y * 1mm, body)
#let mm(point) = point.map(length => length * 1mm)
#let picture(x, y, w, h, file) = put(x, y, image(
  panels + "/" + file, width: w * 1mm, height: h * 1mm, fit: "stretch",
))
#let plate(x, y, w, h, colour) = put(x, y, rect(width: w * 1mm, height: h * 1mm, fill: colour))
#let rule(width, colour, from, to) = put(0, 0, line(
  start: mm(from), end: mm(to), stroke: width * 1pt + rgb(colour),
))
#let outline(width, colour, ..points) = put(0, 0, polygon(
  stroke: width * 1pt + rgb(colour), ..points.pos().map(mm),
))
#let head(colour, ..points) = put(0, 0, polygon(fill: rgb(colour), ..points.pos().map(mm)))
// A line of text whose baseline goes through x and y; at: 0 begins there, 0.5 is centred, 1 ends there.
#let has-texts = sys.inputs.at("texts", default: "yes") != "no"
#let words(x, y, size, body, at: 0.5, up: false, colour: ink, dir: ltr) = if has-texts {{
  context {{
    let line = text(size: size, fill: colour, dir: dir, body)
    let width = measure(line).width
    // A hair wider than the text, which would else be broken where lengths are rounded.
    let whole = move(dx: -at * width, box(width: width + 1pt, align(left, line)))
    put(x, y, if up {{ rotate(-90deg, origin: top + left, whole) }} else {{ whole }})
  }}
}}
"""
_HEADINGS = {
    "title": "Titles of columns",
    "label": "Labels of rows",
    "letter": "Letters",
    "note": "Notes",
    "bar": "Colour bar",
}
_SHARES = {"start": "0", "middle": "0.5", "end": "1"}


def write_source(page: FigurePage, name: str, panels: Sequence[str], fallbacks: Sequence[str]) -> str:
    """The figure as Typst's source.

    All that an author wrote stands in strings, so that it is text and never code.

    Args:
        page: The figure.
        name: Of its files, without extension.
        panels: The files of its pictures, in their order.
        fallbacks: Families of the letters that the figure's own font has not.
    """
    sizes = {text.role: text.size_pt for text in page.texts}
    inks = [text.colour for text in page.texts if text.role != "letter"] or ["000000"]
    lines = [
        _HEAD.format(
            name=name,
            width=write_number(page.width),
            height=write_number(page.height),
            fonts=", ".join(write_string(font) for font in (FAMILIES[page.font].title, *fallbacks)),
            sizes="\n".join(f"#let {role}-size = {write_number(size)}pt" for role, size in sizes.items()),
            ink=inks[0],
            fill="none" if page.page is None else f'rgb("{page.page}")',
            folder=write_string(name_folder(name)),
        ),
        "// Pictures",
    ]
    for picture, file in zip(page.pictures, panels, strict=True):
        box = picture.box
        lines.append(f"#picture({_numbers(box.x, box.y, box.w, box.h)}, {write_string(file)})")
    if page.plates:
        lines += ["", "// Plates below letters"]
    for plate in page.plates:
        box, opacity = plate.box, write_number(100 - 100 * plate.opacity)
        colour = f'rgb("{plate.colour}").transparentize({opacity}%)'
        lines.append(f"#plate({_numbers(box.x, box.y, box.w, box.h)}, {colour})")
    if page.lines:
        lines += ["", "// Rules, frames, boxes and arrows: width in points, colour, points"]
        lines += [drawn for line in page.lines for drawn in _draw(line)]
    for role, texts in groupby(page.texts, key=lambda text: text.role):
        lines += ["", f"// {_HEADINGS[role]}"]
        lines += [_write(text, inks[0]) for text in texts]
    return "\n".join(lines) + "\n"


def _write(text: PlacedText, ink: str) -> str:
    options = ""
    if text.anchor != "middle":
        options += f", at: {_SHARES[text.anchor]}"
    if text.angle_deg:
        options += ", up: true"
    if text.colour != ink:
        options += f', colour: rgb("{text.colour}")'
    if is_right_to_left(text.text):
        options += ", dir: rtl"
    return f"#words({_numbers(text.x, text.y)}, {text.role}-size, {write_string(text.text)}{options})"


def _draw(line: PlacedLine) -> list[str]:
    style = f"{write_number(line.width_pt)}, {write_string(line.colour)}"
    if line.is_closed:
        return [f"#outline({style}, {_points(line.points)})"]
    if not line.has_head:
        return [f"#rule({style}, {_points(line.points)})"]
    end, corners = find_head(line)
    shaft = f"#rule({style}, {_points((line.points[0], end))})"
    return [shaft, f"#head({write_string(line.colour)}, {_points(corners)})"]


def _points(points: Sequence[tuple[float, float]]) -> str:
    return ", ".join(f"({_numbers(*point)})" for point in points)


def _numbers(*values: float) -> str:
    return ", ".join(write_number(value) for value in values)


def write_string(text: str) -> str:
    """A string of Typst's. Nothing in it is code: only backslashes and quotes mean something there."""
    return '"' + "".join(_escape(character) for character in text) + '"'


def _escape(character: str) -> str:
    if character in '\\"':
        return "\\" + character
    # What cannot be seen would make a line look as it is not.
    is_invisible = unicodedata.category(character) in ("Cf", "Cc", "Co")
    return f"\\u{{{ord(character):x}}}" if is_invisible else character
