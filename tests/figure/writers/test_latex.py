import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import ConfigError
from render.figure.lay_out import lay_out
from render.figure.venues import parse_width
from render.figure.writers.latex import escape_latex, write_latex
from render.types.figure.spec import FigureStyle
from tests.helpers.figures import fill, make_spec


def write(width: str, caption: str | None = None, name: str = "teaser", title: str = "Ours") -> str:
    spec = make_spec((title,), style=FigureStyle(width_mm=parse_width(width)))
    return write_latex(lay_out(spec, fill(spec)), name, caption)


@pytest.mark.parametrize(
    ("width", "kind", "included"),
    [
        ("cvpr.text", "figure*", r"\textwidth"),
        ("cvpr.column", "figure", r"\columnwidth"),
        ("neurips.text", "figure*", r"\textwidth"),
        ("60mm", "figure", "60mm"),
        ("120.5mm", "figure*", "120.5mm"),
    ],
)
def test_a_figure_reaches_as_far_as_it_is_wide(width, kind, included):
    lines = write(width, "Ours and 50% of theirs.").splitlines()
    assert lines[:6] == [
        f"\\begin{{{kind}}}[t]",
        "  \\centering",
        f"  \\includegraphics[width={included}]{{teaser.pdf}}",
        r"  \caption{Ours and 50\% of theirs.}",
        r"  \label{fig:teaser}",
        f"\\end{{{kind}}}",
    ]
    assert all(line.startswith("%") for line in lines[7:])
    assert "  \\caption" not in write(width)


def test_every_special_letter_is_escaped():
    assert escape_latex(r"\input{/etc/passwd}") == r"\textbackslash{}input\{/etc/passwd\}"
    assert escape_latex("a_b^c~d #1 $x$ & 5% <|>") == (
        r"a\_b\textasciicircum{}c\textasciitilde{}d \#1 \$x\$ \& 5\% "
        r"\textless{}\textbar{}\textgreater{}"
    )


@given(st.text(max_size=50))
def test_no_text_leaves_its_braces_or_its_line(text):
    escaped = escape_latex(text)
    assert "\n" not in escaped
    commands = re.sub(r"\\text[a-z]+\{\}|\\[#$%&_{}]", "", escaped)
    assert not set(commands) & set("\\#$%&_{}~^")


def test_texts_of_latexs_own_lie_where_the_figures_do():
    spec = make_spec(("100% ours",), ("row",), FigureStyle(width_mm=50, dpi=72))
    page = lay_out(spec, fill(spec, aspect=0.4))
    found = re.findall(r"\\put\(([\d.]+),([\d.]+)\)", write_latex(page, "figure", None))
    for text, (x, y) in zip(page.texts, found, strict=True):
        # The height is the longer side, so it is 100 of overpic's units.
        assert float(x) == pytest.approx(100 * text.x / page.height, abs=1e-3)
        assert float(y) == pytest.approx(100 - 100 * text.y / page.height, abs=1e-3)
    assert r"100\% ours" in write_latex(page, "figure", None)


def test_a_label_has_letters_that_latex_takes():
    assert r"\label{fig:my-figure.2}" in write("60mm", name="my_figure.2")


def test_a_caption_without_end_is_refused():
    with pytest.raises(ConfigError, match="caption: expected at most"):
        write("60mm", "x" * 1001)
