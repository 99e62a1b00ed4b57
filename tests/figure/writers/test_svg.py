import base64
from xml.etree import ElementTree

import pytest

from render.figure.lay_out import lay_out
from render.figure.writers.panels import encode_panels
from render.figure.writers.svg import write_svg
from render.types.figure.content import BarContent
from render.types.figure.page import FigurePage
from render.types.figure.spec import FigureStyle, Mark
from tests.helpers.figures import fill, make_spec, paint

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
HOSTILE = '</text><script>alert("1")</script> & <!-- ]]> &amp; \' "'


def write(page: FigurePage, fallbacks: tuple[str, ...] = ()) -> ElementTree.Element:
    return ElementTree.fromstring(write_svg(page, encode_panels(page, paint(page)), fallbacks))


def test_text_is_text_whatever_is_in_it():
    spec = make_spec((HOSTILE, "输入"), ("الطريقة",), FigureStyle(dpi=72))
    root = write(lay_out(spec, fill(spec)))
    titles = [element.text for element in root.iter(f"{SVG}text")]
    assert "".join(titles[:-2]).replace(" ", "") == HOSTILE.replace(" ", "")
    assert titles[-2:] == ["输入", "الطريقة"]
    assert {element.tag for element in root.iter()} == {
        f"{SVG}{tag}" for tag in ("svg", "rect", "g", "image", "text")
    }


def test_it_has_the_size_of_the_page_and_sizes_of_text_in_points():
    spec = make_spec(style=FigureStyle(width_mm=127, text_pt=8.5, dpi=72))
    page = lay_out(spec, fill(spec))
    root = write(page)
    assert root.get("width") == "127mm"
    assert [float(number) for number in root.get("viewBox").split()[2:]] == pytest.approx(
        [360, page.height / 25.4 * 72], abs=1e-3
    )
    assert {element.get("font-size") for element in root.iter(f"{SVG}text")} == {"8.5"}
    assert root.find(f"{SVG}rect").get("fill") == "#ffffff"


def test_pictures_are_inside_as_they_are_in_their_files():
    spec = make_spec(style=FigureStyle(dpi=72))
    page = lay_out(spec, fill(spec, bar=BarContent(0, 100, "mm")))
    panels = encode_panels(page, paint(page))
    root = ElementTree.fromstring(write_svg(page, panels, ()))
    sources = [element.get(f"{XLINK}href").split(",") for element in root.iter(f"{SVG}image")]
    assert [head for head, _ in sources] == [*["data:image/jpeg;base64"] * 2, "data:image/png;base64"]
    assert [base64.b64decode(data) for _, data in sources] == list(panels.values())


def test_labels_are_turned_about_their_anchor():
    spec = make_spec((None,), ("sample",), FigureStyle(dpi=72))
    (text,) = write(lay_out(spec, fill(spec))).iter(f"{SVG}text")
    assert text.get("transform") == f"rotate(-90 {text.get('x')} {text.get('y')})"
    assert text.get("text-anchor") == "middle"


def test_lines_that_are_read_from_the_right_start_at_their_right_end():
    spec = make_spec((None,), style=FigureStyle(dpi=72))
    content = fill(spec, aspect=9.0, bar=BarContent(0, 1, "مم"))
    bars = [text for text in write(lay_out(spec, content)).iter(f"{SVG}text") if text.text == "مم"]
    assert [(text.get("direction"), text.get("text-anchor")) for text in bars] == [("rtl", "end")]


def test_the_families_are_those_that_people_have_and_the_generic_one_is_last():
    spec = make_spec(style=FigureStyle(dpi=72))
    (group,) = (
        group
        for group in write(lay_out(spec, fill(spec)), ("Noto Sans Arabic",)).iter(f"{SVG}g")
        if group.get("id") == "titles"
    )
    names = group.get("font-family").split(", ")
    assert names[0] == "'TeX Gyre Termes'"
    assert names[-3:] == ["'Noto Sans Arabic'", "serif", "sans-serif"]


def test_an_arrow_has_a_shaft_and_a_head_and_a_transparent_page_no_ground():
    spec = make_spec(
        (None,), style=FigureStyle(page="transparent", dpi=72), marks=(Mark("arrow", (0, 0, 1, 1), 0, 0),)
    )
    root = write(lay_out(spec, fill(spec)))
    assert root.find(f"{SVG}rect") is None
    (head,) = root.iter(f"{SVG}polygon")
    (shaft,) = root.iter(f"{SVG}polyline")
    assert head.get("fill") == shaft.get("stroke") == "#d55e00"
    assert len(head.get("points").split()) == 3
