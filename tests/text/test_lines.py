"""Lines of any text: as long as they say, whole, the same each time, and bounded."""

from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.text.fonts import FAMILIES
from render.text.lines import WIDEST_PX, draw_text, measure_text, shorten_text, wrap_text
from render.text.shape import shape_line

SAMPLES = {
    "latin": "Ångström, naïve façade",
    "greek": "Ελληνικά",
    "cyrillic": "Привет, Ёлка",
    "arabic": "السلام عليكم",
    "hebrew": "שלום עולם",
    "devanagari": "नमस्ते दुनिया",
    "bengali": "বাংলা ক্ষ",
    "tamil": "தமிழ்",
    "telugu": "తెలుగు",
    "kannada": "ಕನ್ನಡ",
    "malayalam": "മലയാളം",
    "sinhala": "සිංහල",
    "gujarati": "ગુજરાતી",
    "gurmukhi": "ਪੰਜਾਬੀ",
    "oriya": "ଓଡ଼ିଆ",
    "thai": "สวัสดี",
    "lao": "ສະບາຍດີ",
    "khmer": "ភាសាខ្មែរ",
    "burmese": "မြန်မာ",
    "georgian": "ქართული",
    "armenian": "Հայերեն",
    "amharic": "አማርኛ",
    "chinese": "你好，世界。漢語",
    "japanese": "こんにちは カタカナ",
    "korean": "안녕하세요",
    "mathematics": "∑∫√ ≤ ≠ → ⇒ ℝ × ½ ± °",
    "typography": "“a” – — … • © ™ №",
}
ANY = st.text(max_size=60) | st.text("a\u0301\u0489א(ب)１\u202e\u200d\ud800\x00\n 你\U0010ffff", max_size=60)


def ink_columns(letters: np.ndarray) -> np.ndarray:
    return np.flatnonzero(letters.any(0))


@pytest.mark.parametrize("script", SAMPLES)
def test_every_script_has_its_letters(script):
    """None is the box that stands for what a font lacks."""
    assert all(glyph.index for glyph in shape_line(SAMPLES[script], "sans").glyphs)
    assert draw_text(SAMPLES[script], 20).any()


def test_what_no_font_has_is_a_box_that_is_seen():
    glyphs = shape_line("\U00016a00", "times").glyphs
    assert [glyph.index for glyph in glyphs] == [0]
    assert draw_text("\U00016a00", 20, "times").any()


def test_arabic_letters_are_joined():
    """Three of one letter: its forms at the beginning, in the middle and at the end are narrower."""
    apart = draw_text("ب\u200c" * 3, 40).shape[1]
    assert draw_text("ببب", 40).shape[1] < 0.9 * apart


def test_hebrew_goes_from_right_to_left():
    """The first letter of אי is wide, the second narrow, and below the line there is no ink of it."""
    word = draw_text("אי", 60)
    wide, narrow = draw_text("א", 60), draw_text("י", 60)
    # The last letter stands at the left.
    assert np.abs(word[:, : narrow.shape[1] - 1].astype(int) - narrow[:, :-1]).max() < 140
    assert word[:, -wide.shape[1] + 2 :].sum() == pytest.approx(wide[:, 2:].sum(), rel=0.1)
    assert word[:, : narrow.shape[1]].sum() == pytest.approx(narrow.sum(), rel=0.1)


def test_marks_of_india_and_thailand_take_no_room_of_their_own():
    assert measure_text("ก", 40).width == measure_text("กิ", 40).width
    # The vowel is read after its consonant and written before it.
    assert shape_line("कि", "sans").glyphs[0].index != shape_line("क", "sans").glyphs[0].index


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("text", ["Ours (a) jQ", "fi — 43.1 mm", "السلام 12", "你好 mix"])
def test_what_is_measured_is_what_is_drawn(text, family):
    size, letters = measure_text(text, 33.3, family), draw_text(text, 33.3, family)
    assert letters.shape == (ceil(size.ascent) + ceil(size.descent), ceil(size.width))
    columns = ink_columns(letters)
    # Letters keep a little room at their sides.
    assert columns[0] < 5
    assert columns[-1] > size.width - 6
    larger = measure_text(text, 66.6, family)
    assert larger == pytest.approx([2 * value for value in size])


def test_lines_of_latin_letters_stand_on_one_baseline():
    sizes = {measure_text(text, 20)[1:] for text in ("axe", "Typography", "", "(1/2)")}
    assert len(sizes) == 1
    size, letters = measure_text("HEH", 20), draw_text("HEH", 20)
    rows = np.flatnonzero(letters.any(1))
    # Capitals end at the baseline, a row that is covered in part aside.
    assert rows[-1] == ceil(size.ascent) - 1


@given(ANY, st.floats(0.1, 60), st.sampled_from(list(FAMILIES)))
@settings(deadline=None, max_examples=75)
def test_any_text_is_drawn_within_its_size(text, size_px, family):
    size = measure_text(text, size_px, family)
    assert 0 <= size.width <= WIDEST_PX
    assert 0.77 * size_px < size.ascent < 1.7 * size_px
    assert 0.23 * size_px < size.descent < 1.1 * size_px
    letters = draw_text(text, size_px, family)
    assert letters.dtype == np.uint8
    assert letters.shape == (ceil(size.ascent) + ceil(size.descent), ceil(size.width))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "\u0301" * 10_000,
        "a" + "\u0489" * 10_000,
        "﷽" * 3000,
        "א(" * 5000,
        "\u202e" * 9999 + "a",
    ],
)
def test_floods_are_bounded(text):
    letters = draw_text(text, 50)
    assert letters.shape[0] < 140
    assert letters.shape[1] <= WIDEST_PX
    assert measure_text(shorten_text(text, 300, 20), 20).width <= 300
    assert len(wrap_text(text, 300, 20)) <= 2001


def test_orders_that_are_turned_around_by_hidden_letters_are_not():
    """A name must not look like another."""
    assert (draw_text("a\u202egpj.exe\u202c", 30) == draw_text("agpj.exe", 30)).all()
    assert (draw_text("a\u2066b\u2069\ufeffc", 30) == draw_text("abc", 30)).all()


def test_the_same_text_has_the_same_bytes_in_all_threads(monkeypatch):
    """Fonts are shared by threads; lines are shaped anew for this."""
    monkeypatch.setattr("render.text.lines.shape_line", shape_line.__wrapped__)
    texts = list(SAMPLES.values()) * 4
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda text: draw_text(text, 23).tobytes(), texts))
    assert drawn == [draw_text(text, 23).tobytes() for text in texts]


@pytest.mark.parametrize("size_px", [0, -1, 2001, float("nan"), float("inf")])
def test_sizes_out_of_range_are_refused(size_px):
    with pytest.raises(ValueError, match="size_px: expected above 0 and up to 2000"):
        measure_text("a", size_px)


@given(ANY, st.floats(0, 300))
@settings(deadline=None, max_examples=50)
def test_shortened_text_fits(text, width_px):
    short = shorten_text(text, width_px, 15)
    assert measure_text(short, 15).width <= width_px
    assert not short or short.endswith("…") or measure_text(text, 15) == measure_text(short, 15)


def test_text_is_shortened_no_more_than_it_must():
    assert shorten_text("a title", 500, 15) == "a title"
    room = measure_text("a long ti…", 15).width
    assert shorten_text("a long title", room, 15) == "a long ti…"
    # No space before the dots.
    assert shorten_text("a long title", measure_text("a long …", 15).width, 15) == "a long…"
    assert shorten_text("a long title", 1, 15) == ""
