import io
import sys
import tempfile
import time

import cv2
import numpy as np
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from render.errors import ConfigError, OutputError, SheetError
from render.figure.lay_out import lay_out
from render.figure.typesetting import Face, measure
from render.figure.write import write_figure
from render.figure.writers import typst_files
from render.figure.writers.fonts import find_fallbacks
from render.figure.writers.typst_files import compile_figure
from render.figure.writers.typst_source import write_source, write_string
from render.resources import FONTS_DIR
from render.text.fonts import FAMILIES
from render.types.figure.content import BarContent, CellContent, FigureContent, InsetContent
from render.types.figure.page import FigurePage, PlacedText
from render.types.figure.spec import FigureStyle, Mark, Zoom
from tests.helpers.figures import fill, make_spec, paint
from tests.helpers.pdfs import list_fonts, list_pictures, open_pdf, read_text

# Each would read a file, run code, or end a string, if it were not text.
HOSTILE = (
    '#read("/etc/passwd")',
    '"); #read("/etc/passwd"); ("',
    '\\"); #panic("run")',
    "$x^2$ *bold* _it_ `raw` @cite <label> // /* #{1+1} \\u{41}",
    "= Heading",
    "#import sys: inputs",
)


def make_page(title: str, **style: object) -> FigurePage:
    spec = make_spec((title,), style=FigureStyle(width_mm=160, dpi=72, text_pt=7, **style))
    return lay_out(spec, fill(spec))


def compile_page(page: FigurePage, folder: str = "figure") -> dict[str, bytes]:
    spec = make_spec()
    return write_figure(page, spec, folder, paint(page))


@pytest.mark.parametrize("title", HOSTILE)
def test_what_an_author_wrote_is_text_and_never_code(title):
    files = compile_page(make_page(title))
    # Typst keeps all letters; readers of PDF may give other spaces.
    assert "".join(title.split()) in "".join(read_text(files["figure.pdf"]).split())


# Whatever it is, it must compile: most of what Typst is written with is in it.
@settings(max_examples=15, deadline=None)
@given(st.text("\"\\#$*_`@<>/[](){}=-+~'\n\tab1\u202e\u200d", max_size=30))
def test_any_title_compiles(title):
    page = make_page(title)
    source = write_source(page, "figure", ("row1_column1.png",), ())
    lines = [line for line in source.splitlines() if line.startswith("#words(")]
    assert len(lines) == len(page.texts)
    compile_figure(source.replace("#picture(", "#let _ = ("), {}, 72)


def test_a_title_is_found_and_its_font_is_embedded():
    spec = make_spec(("Input photo", "Ours"), ("sample one",), FigureStyle(font="helvetica", dpi=300))
    page = lay_out(spec, fill(spec, note="MPJPE 43.1", bar=BarContent(0, 100, "mm", "error", True)))
    pdf = write_figure(page, spec, "figure", paint(page))["figure.pdf"]
    text = read_text(pdf)
    assert all(words in text for words in ("Input photo", "Ours", "sample one", "MPJPE 43.1", "≥ 100"))
    fonts = list_fonts(pdf)
    assert {name.split("+")[1].split("-")[0] for name in fonts} == {"TeXGyreHeros"}
    # Type 3, which conferences refuse, has no file.
    assert all(kind == "/CIDFontType0" and is_embedded for kind, is_embedded in fonts.values())
    assert open_pdf(pdf).pdf_header == "%PDF-1.5"
    (sheet,) = open_pdf(pdf).pages
    assert float(sheet.mediabox.width) == pytest.approx(page.width / 25.4 * 72, abs=0.01)
    assert float(sheet.mediabox.height) == pytest.approx(page.height / 25.4 * 72, abs=0.01)


def test_pictures_have_their_pixels_and_jpeg_goes_through_as_it_is():
    spec = make_spec(style=FigureStyle(width_mm=50, dpi=300))
    page = lay_out(spec, fill(spec))
    files = write_figure(page, spec, "figure", paint(page))
    jpegs = {content for name, content in files.items() if name.endswith(".jpg")}
    assert len(jpegs) == 2
    found = list_pictures(files["figure.pdf"])
    assert {picture.data for picture in found} == jpegs
    for picture in found:
        # Sides are written in thousandths of a millimetre.
        assert picture.ppi == pytest.approx((301.0, 301.0), rel=0.01)


def test_transparent_pictures_stay_transparent():
    spec = make_spec((None,), style=FigureStyle(width_mm=20, dpi=72, page="transparent"))
    page = lay_out(spec, fill(spec))
    pictures = paint(page, channels=4)
    files = write_figure(page, spec, "figure", pictures)
    objects = open_pdf(files["figure.pdf"]).pages[0]["/Resources"]["/XObject"].values()
    (picture,) = (found.get_object() for found in objects)
    alpha = pictures["row1_column1"][..., 3]
    assert picture["/SMask"].get_object().get_data() == alpha.tobytes()
    pixels = cv2.imdecode(np.frombuffer(files["figure.png"], np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels[..., 3].mean() == pytest.approx(alpha.mean(), abs=3)


@pytest.mark.parametrize("family", FAMILIES)
def test_typst_has_the_fonts_that_text_is_measured_with(family):
    known = typst.Fonts(False, False, [str(FONTS_DIR)]).families()
    assert FAMILIES[family].title in known
    page = make_page("", font=family if family != "sans" else "times")
    assert find_fallbacks(page) == ()


@pytest.mark.parametrize("family", ["times", "helvetica", "computer-modern"])
def test_typst_sets_text_as_wide_as_it_is_measured(family):
    fonts = typst.Fonts(False, False, [str(FONTS_DIR)])
    for text in ("EFT (Joo et al., 3DV 2021)", "AVATAR fi ≥ 12.5", "输入 SMPL", "우리 방법", "हमारी विधि"):
        page = FigurePage(100, 100, family, None, (), (), (PlacedText(text, 0, 0, 9, "note"),))
        source = write_source(page, "figure", (), find_fallbacks(page))
        source += f"#context [#metadata(measure(text({write_string(text)})).width / 1mm)<width>]"
        source = source.replace("#set align", "#set text(size: 9pt)\n#set align")
        found = typst.query(source.encode(), "<width>", field="value", one=True, font_paths=fonts)
        width = measure(text, Face(family, 9))[0]
        # Measured widths are those of ink, where that is wider than the letters are apart.
        assert float(found) == pytest.approx(width, abs=0.005 if text.isascii() else 0.2)
        assert float(found) <= width + 0.02


def test_letters_of_other_scripts_are_in_fonts_that_stand_in_for_them():
    page = make_page("输入 शरीर الطريقة שלנו 우리 Ελλ")
    known = typst.Fonts(False, False, [str(FONTS_DIR)]).families()
    fallbacks = find_fallbacks(page)
    assert set(fallbacks) <= set(known)
    assert {"Droid Sans Fallback", "Noto Sans Devanagari", "Noto Sans Arabic", "Noto Sans Hebrew"} <= set(
        fallbacks
    )
    pdf = compile_page(page)["figure.pdf"]
    assert {"NotoSansDevanagari", "NotoSansArabic"} <= {
        name.split("+")[1].split("-")[0] for name in list_fonts(pdf)
    }


def test_the_same_figure_has_the_same_bytes_later_and_elsewhere(tmp_path, monkeypatch):
    # All that there is; so few pixels of noise are smaller as PNG.
    spec = make_spec(
        ("Input", "方法"),
        ("one", "two"),
        FigureStyle(width_mm=80, dpi=72, text_pt=7, rule_pt=0.5, letters="cells"),
        zooms=(Zoom("head"),),
        marks=(Mark("arrow", (0, 0, 1, 1), 0, 0), Mark("box", (0, 0, 1, 1), 0, 1)),
    )
    cells = dict.fromkeys([(0, 1), (1, 0), (1, 1)], CellContent())
    cells[0, 0] = CellContent("note", (InsetContent(0, 0.1, 0.1, 0.2, 0.2),))
    page = lay_out(spec, FigureContent(1.0, cells, bar=BarContent(0, 100, "mm", "error")))
    before = write_figure(page, spec, "figure", paint(page))
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.02)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(typst_files.tempfile, "tempdir", str(tmp_path / "elsewhere"))
    # Fonts are read anew, too.
    typst_files._find_fonts.cache_clear()
    assert write_figure(page, spec, "figure", paint(page)) == before
    assert set(before) == {
        *(f"figure.{kind}" for kind in ("pdf", "png", "svg", "typ", "tex")),
        *(f"figure_panels/row{row}_column{column}.jpg" for row in (1, 2) for column in (1, 2)),
        "figure_panels/row1_column1_zoom1.png",
        "figure_panels/colour_bar.png",
    }
    source = before["figure.typ"].decode()
    found = {part: source.count(f"\n#{part}(") for part in ("picture", "plate", "outline", "rule", "head")}
    # Plates: four letters. Outlines: two of the inset, a box and the bar.
    assert found == {"picture": 6, "plate": 4, "outline": 4, "head": 1, "rule": len(page.lines) - 4}
    assert source.count("\n#words(") == len(page.texts)
    assert before["figure.svg"].count(b"<text ") == len(page.texts)
    assert before["figure.svg"].count(b"<rect ") == 1 + len(page.plates)


def test_the_picture_of_the_page_says_how_large_it_is_on_paper():
    with Image.open(io.BytesIO(compile_page(make_page("Ours"))["figure.png"])) as image:
        assert image.info["dpi"] == pytest.approx((72, 72), abs=0.01)
        image.load()


def test_a_transparent_page_is_transparent_and_a_white_one_is_not():
    for colour, alpha in (("transparent", 0), ("white", 255)):
        png = compile_page(make_page("Ours", page=colour))["figure.png"]
        pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
        assert pixels.shape[2] == 4
        assert pixels[0, 0, 3] == alpha
        # 160 mm at 72 pixels an inch.
        assert pixels.shape[1] == pytest.approx(160 / 25.4 * 72, abs=1)


@pytest.mark.parametrize("name", ["", "../figure", "a\n#panic()", "}\\input{x"])
def test_a_name_that_could_be_more_than_a_name_is_refused(name):
    with pytest.raises(ValueError, match="name: expected"):
        compile_page(make_page("Ours"), name)


def test_files_outside_of_the_figure_cannot_be_read():
    for path in ("../../etc/passwd", "/../../../etc/passwd", "/etc/passwd", "@preview/a:1.0.0"):
        with pytest.raises(SheetError, match="cannot set the figure") as caught:
            compile_figure(f'#read("{path}")', {}, 72)
        assert "\n" not in str(caught.value)


def test_without_room_for_temporary_files_an_error_says_where_they_go(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(
        OutputError, match=r"temporary files, which cannot be written: No such file.*set .*TMPDIR"
    ):
        compile_figure("", {}, 72)


def test_without_typst_an_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ConfigError, match=r"pip install 'smpl-render\[figure\]'"):
        compile_figure("", {}, 72)


def test_the_source_without_texts_is_for_texts_of_latex(tmp_path):
    files = compile_page(make_page("Ours"))
    (tmp_path / "figure_panels").mkdir()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    bare = typst.compile(
        str(tmp_path / "figure.typ"), sys_inputs={"texts": "no"}, font_paths=[str(FONTS_DIR)]
    )
    assert read_text(bare).strip() == ""
    assert "Ours" in read_text(files["figure.pdf"])
