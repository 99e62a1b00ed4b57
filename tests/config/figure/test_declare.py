"""Figures as authors declare them: each slip is one line that names the key."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.config.figure.declare import declare_figure
from render.errors import ConfigError
from render.types.figure.spec import Column, FigureSpec, Mark, Sample, Strip, Zoom

DEFAULTS = {
    "columns": ["image", {"panel": "camera/clay", "title": "Fit"}],
    "zoom": {"at": "head", "columns": [1]},
}


def declare(**keys) -> FigureSpec:
    return declare_figure(DEFAULTS, keys)


def test_all_that_an_author_can_say():
    spec = declare(
        name="teaser",
        width="88mm",
        dpi=600,
        font="helvetica",
        columns=[
            "image",
            {"panel": "camera/clay", "title": "Ours", "method": "Ours"},
            {"panel": "side/normal", "method": "EFT", "note": "PVE {pve:.1f} mm, {score}"},
        ],
        rows=[
            12,
            "demo_000003.jpg",
            {"image": "a/b", "person": 1, "label": "Handstand"},
            {"annotation": 183126, "notes": {"score": 43.1}},
            {"row": 3, "strip": {"every": 10, "count": 8, "spacing_m": 0.6, "method": "EFT"}},
        ],
        methods={"EFT": "a.json", "Ours": {"fit_file": "b.npz", "format": "spin"}},
        reference="EFT",
        crop=[10, 20, 300, 400],
        aspect=0.75,
        zoom=[{"at": "left_hand", "size": 0.3, "corner": "tl"}, {"at": [0.5, 0.25], "columns": [1]}],
        marks=[
            {"box": [0.1, 0.2, 0.3, 0.4], "row": 1, "column": 2},
            {"arrow": [0, 0, 0.5, 0.5], "colour": "black"},
        ],
        letters="cells",
        page="transparent",
        transpose=True,
    )
    assert spec.name == "teaser"
    assert (spec.style.width_mm, spec.style.dpi, spec.style.font) == (88, 600, "helvetica")
    assert spec.columns[1] == Column("camera/clay", "Ours", "Ours")
    assert spec.rows[:2] == (Sample(row=12), Sample(image="demo_000003.jpg"))
    assert spec.rows[2] == Sample(image="a/b", person=1, label="Handstand")
    assert spec.rows[3].notes == {"score": 43.1}
    assert spec.rows[4].strip == Strip(10, 8, 0.6, method="EFT")
    assert spec.methods["EFT"] == {"fit_file": "a.json", "format": "auto", "options": {}}
    assert spec.methods["Ours"]["format"] == "spin"
    assert (spec.crop, spec.aspect, spec.is_transposed) == ((10, 20, 300, 400), 0.75, True)
    assert spec.zooms == (Zoom("left_hand", 0.3, "tl"), Zoom((0.5, 0.25), columns=(1,), finds_corner=True))
    assert spec.marks[0] == Mark("box", (0.1, 0.2, 0.3, 0.4), 1, 2)
    assert (spec.style.letters, spec.style.page) == ("cells", "transparent")


def test_what_the_job_shows_goes_with_its_own_columns():
    assert declare().columns == (Column("image"), Column("camera/clay", title="Fit"))
    assert declare().zooms == (Zoom("head", columns=(1,), finds_corner=True),)
    assert declare(rows=[4]).zooms == declare().zooms
    # With two columns there would be a second; these are others.
    assert declare(columns=["image"]).zooms == ()
    assert declare(columns="image", rows=3).rows == (Sample(row=3),)


def test_a_figure_of_strips_alone_has_no_columns():
    assert declare(rows=[{"row": 0, "strip": {"every": 5}}]).columns == ()


SLIPS = {
    "an unknown key": ({"colums": []}, "figure.colums: no such key; .*; did you mean columns?"),
    "an unknown key of a row": (
        {"rows": [0, 1, {"imge": "a"}]},
        r"figure.rows\[2\].imge: no such key; there are row, image, annotation.*; did you mean image\?",
    ),
    "two names of one sample": ({"rows": [{"row": 1, "image": "a"}]}, r"rows\[0\]: .*, found row and image"),
    "no sample": ({"rows": [{"label": "a"}]}, "found none of them"),
    "a person of a row": ({"rows": [{"row": 1, "person": 0}]}, r"rows\[0\].person"),
    "no rows": ({"rows": []}, "figure.rows: expected a list of 1 to 200, found 0"),
    "a truth value": ({"rows": [True]}, r"figure.rows\[0\]: expected a table"),
    "a row before the first": ({"rows": [-1]}, r"figure.rows\[0\]: expected 0 to"),
    "no such mode": (
        {"columns": ["camera/cla"]},
        r"figure.columns\[0\]: 'camera/cla': no mode 'cla'; did you mean",
    ),
    "no panel": ({"columns": [{"title": "a"}]}, r"figure.columns\[0\].panel: expected a panel"),
    "too many pictures": (
        {"rows": list(range(101))},
        "figure: expected at most 200 pictures, found 101 rows of 2",
    ),
    "a method that is not there": (
        {"columns": [{"panel": "image", "method": "Ours"}], "methods": {"Theirs": "a"}},
        r"columns\[0\].method: no method 'Ours'; there are Theirs",
    ),
    "a reference that is not there": ({"reference": "EFT"}, "figure.reference: expected one of"),
    "no such format": (
        {"methods": {"A": {"fit_file": "a", "format": "spim"}}},
        "methods.A.format: no fit format",
    ),
    "attributes in notes": (
        {"columns": [{"panel": "image", "note": "{pve.__class__}"}]},
        r"columns\[0\].note: expected names in braces",
    ),
    "a width of a billion": (
        {"columns": [{"panel": "image", "note": "{pve:1000000000}"}]},
        "names in braces",
    ),
    "no reference": (
        {"columns": [{"panel": "image", "note": "{pve}"}]},
        "{pve} is measured against a method",
    ),
    "an unknown number": ({"columns": [{"panel": "image", "note": "{pvee}"}]}, "nothing is known of {pvee}"),
    "resolution": ({"dpi": 5000}, "figure.dpi: expected 72 to 1200, found 5000"),
    "a width of no venue": ({"width": "cvpr.colum"}, "figure.width: expected"),
    "a wide figure": ({"width": "1100mm"}, "figure.width: expected 10 mm to 1000 mm"),
    "a font": ({"font": "arial"}, "figure.font: expected one of times, helvetica, computer-modern"),
    "a page": ({"page": "photo"}, "figure.page: expected"),
    "a name that leads elsewhere": ({"name": "../a"}, "figure.name: expected letters"),
    "an inset of a column that is not there": (
        {"zoom": {"at": "head", "columns": [2]}},
        r"zoom.columns\[0\]",
    ),
    "a corner": (
        {"zoom": {"at": "head", "corner": "top"}},
        "figure.zoom.corner: expected one of tl, tr, bl, br",
    ),
    "a box beyond the picture": (
        {"marks": [{"box": [0.8, 0, 0.3, 0.1]}]},
        r"figure.marks\[0\].box: expected",
    ),
    "a mark of a row that is not there": (
        {"rows": [1], "marks": [{"arrow": [0, 0, 1, 1], "row": 1}]},
        "marks",
    ),
    "a strip over the photo": (
        {"rows": [{"row": 0, "strip": {"panel": "camera/clay"}}]},
        r"rows\[0\].strip.panel: a strip is seen from aside",
    ),
    "errors of a strip": (
        {"rows": [{"row": 0, "strip": {"panel": "orbit/error/white"}}]},
        r"rows\[0\].strip.panel: a strip compares nobody",
    ),
    "an endless number": ({"rows": [10**5000]}, "found a number of too many digits"),
    "an endless number as a word": ({"font": 10**5000}, "figure.font: .* found a number of too many digits"),
    "an endless number as a key": ({"marks": [{10**5000: 1}]}, "no such key"),
    "an endless number in a note": (
        {"rows": [{"row": 0, "notes": {"a": 10**5000}}]},
        "notes.a: expected text",
    ),
    "no number in a note": ({"rows": [{"row": 0, "notes": {"a": float("nan")}}]}, "notes.a: .* found nan"),
    "a truth value as a name": ({"name": False}, "figure.name: expected text, found False"),
    "lines in a title": ({"columns": [{"panel": "image", "title": "a\nb"}]}, "expected one line of text"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_one_line_that_names_the_key(name):
    keys, message = SLIPS[name]
    with pytest.raises(ConfigError, match=message) as caught:
        declare(**keys)
    assert len(str(caught.value).splitlines()) == 1


# No float holds it, and Hypothesis can still write it.
ENDLESS = 10**4000
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(ENDLESS)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["image", "head"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["row", "image", "panel", "note", "notes", "at", "box", "strip", "every", "fit_file"]
            )
            | st.text(max_size=4)
            | st.integers()
            | st.just(ENDLESS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
KEYS = (
    "rows",
    "columns",
    "methods",
    "zoom",
    "marks",
    "width",
    "dpi",
    "font",
    "reference",
    "caption",
    "crop",
    "letters",
    "name",
    "page",
    "x",
)


@given(st.dictionaries(st.sampled_from(KEYS), PLAIN, max_size=4))
@settings(deadline=None, max_examples=75)
def test_whatever_is_declared_is_a_figure_or_one_line(keys):
    with suppress(ConfigError):
        assert isinstance(declare_figure(DEFAULTS, keys), FigureSpec)
        return
    with pytest.raises(ConfigError, match=r"\Afigure.{1,2000}\Z"):
        declare_figure(DEFAULTS, keys)
