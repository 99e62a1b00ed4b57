"""SVG 1.1 of a figure, with text as text and pictures inside.

Not by Typst, whose SVG has outlines in the place of text, which nobody can search or edit.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from itertools import groupby
from xml.etree import ElementTree

from render.figure.typesetting import MM_PER_PT
from render.figure.writers.arrows import find_head
from render.figure.writers.directions import is_right_to_left
from render.figure.writers.fonts import ALIKE
from render.figure.writers.numbers import write_number
from render.text.fonts import FAMILIES
from render.types.figure.page import Box, FigurePage, PlacedLine, PlacedText

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_MEDIA = {"jpg": "image/jpeg", "png": "image/png"}


def write_svg(page: FigurePage, panels: Mapping[str, bytes], fallbacks: tuple[str, ...]) -> bytes:
    """The content of the figure's SVG file.

    Its units are points, so that sizes of text are read and changed as such.

    Args:
        page: The figure.
        panels: The content of its pictures by their file names, in their order.
        fallbacks: Families of the letters that the figure's own font has not.
    """
    width, height = _pt(page.width), _pt(page.height)
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": _SVG,
            "xmlns:xlink": _XLINK,
            "version": "1.1",
            "width": f"{write_number(page.width)}mm",
            "height": f"{write_number(page.height)}mm",
            "viewBox": f"0 0 {width} {height}",
        },
    )
    if page.page is not None:
        ElementTree.SubElement(
            root, "rect", {"id": "page", "width": width, "height": height, "fill": f"#{page.page}"}
        )
    pictures = ElementTree.SubElement(root, "g", {"id": "pictures"})
    for picture, (file, content) in zip(page.pictures, panels.items(), strict=True):
        media = _MEDIA[file.rpartition(".")[2]]
        data = base64.b64encode(content).decode("ascii")
        ElementTree.SubElement(
            pictures,
            "image",
            {
                "id": picture.name,
                **_place(picture.box),
                "preserveAspectRatio": "none",
                "xlink:href": f"data:{media};base64,{data}",
            },
        )
    plates = ElementTree.SubElement(root, "g", {"id": "plates"})
    for plate in page.plates:
        look = {"fill": f"#{plate.colour}", "fill-opacity": write_number(plate.opacity)}
        ElementTree.SubElement(plates, "rect", {**_place(plate.box), **look})
    lines = ElementTree.SubElement(root, "g", {"id": "lines", "fill": "none"})
    for line in page.lines:
        _draw(lines, line)
    for role, texts in groupby(page.texts, key=lambda text: text.role):
        group = ElementTree.SubElement(root, "g", {"id": f"{role}s", "font-family": _family(page, fallbacks)})
        for text in texts:
            _write(group, text)
    ElementTree.indent(root, " ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8") + b"\n"


def _family(page: FigurePage, fallbacks: tuple[str, ...]) -> str:
    *alike, generic = ALIKE[page.font]
    # A generic name ends the search in some programs, so it goes last.
    names = dict.fromkeys((FAMILIES[page.font].title, *alike, *fallbacks, generic, "sans-serif"))
    return ", ".join(f"'{name}'" if " " in name else name for name in names)


def _write(group: ElementTree.Element, text: PlacedText) -> None:
    look = {
        "x": _pt(text.x),
        "y": _pt(text.y),
        "font-size": write_number(text.size_pt),
        "text-anchor": text.anchor,
        "fill": f"#{text.colour}",
    }
    if text.angle_deg:
        look["transform"] = f"rotate({write_number(-text.angle_deg)} {_pt(text.x)} {_pt(text.y)})"
    if is_right_to_left(text.text):
        look["direction"] = "rtl"
        # Such a line starts at its right end.
        look["text-anchor"] = {"start": "end", "end": "start"}.get(text.anchor, text.anchor)
    ElementTree.SubElement(group, "text", look).text = text.text


def _draw(group: ElementTree.Element, line: PlacedLine) -> None:
    points = line.points
    if line.has_head:
        end, corners = find_head(line)
        points = (*points[:-1], end)
        ElementTree.SubElement(group, "polygon", {"points": _points(corners), "fill": f"#{line.colour}"})
    look = {"stroke": f"#{line.colour}", "stroke-width": write_number(line.width_pt)}
    kind = "polygon" if line.is_closed else "polyline"
    ElementTree.SubElement(group, kind, {"points": _points(points), **look})


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{_pt(x)},{_pt(y)}" for x, y in points)


def _place(box: Box) -> dict[str, str]:
    return {"x": _pt(box.x), "y": _pt(box.y), "width": _pt(box.w), "height": _pt(box.h)}


def _pt(length_mm: float) -> str:
    return write_number(length_mm / MM_PER_PT)
