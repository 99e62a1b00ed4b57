"""The page of sheets that are there, in Chromium: their pictures, comparisons, and whether all can use it."""

import json

import numpy as np
import pytest

from render.gallery.write import write_page
from tests.helpers.browser import visit, wait_until
from tests.helpers.made_sheets import encode, write_sheets

READY = "html[data-ready] .cell"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
AUDIT = """row,image,annotation,reprojection,pck5
0,a/one.jpg,7,0.1000,0.900
1,a/one.jpg,8,0.3000,0.500
2,two.jpg,9,0.2000,
"""
FAILURES = """outcome,row,image,reason
skipped,3,three.jpg,there is no such photo
damaged,2,two.jpg,cut off
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two methods with sheets of the same three rows, an audit beside them, failures, and a body to turn."""
    base = tmp_path_factory.mktemp("real") / "set"
    for place, method in enumerate(("overlay", "mesh #2")):
        names = ("a/one_0.png", "a/one_1.png", "two_2.png")
        write_sheets(base / method, {name: encode((200 * place, 60 * i, 99)) for i, name in enumerate(names)})
    (base / "audit").mkdir()
    (base / "audit" / "audit.csv").write_text(AUDIT)
    (base / "overlay" / "failures.csv").write_text(FAILURES)
    (base / "view" / "a").mkdir(parents=True)
    (base / "view" / "a" / "one_1.html").write_text("<p>turn me</p>")
    write_page([base / "overlay", base / "mesh #2"])
    return base / "overlay"


@pytest.fixture
def opened(browser, folder):
    with visit(browser, folder / "index.html") as opened:
        opened.page.wait_for_selector(READY)
        yield opened
        assert opened.complaints == []
        assert opened.list_requests_outside(folder.parent) == []


def find_address(page, selector):
    """The address of a picture, once it is there."""
    wait_until(page, f"document.querySelector({selector!r})?.naturalWidth > 0")
    return page.evaluate("(selector) => document.querySelector(selector).currentSrc", selector)


def test_pictures_are_small_in_the_grid_and_whole_in_the_detail_view(opened):
    page = opened.page
    # Worst first.
    assert page.locator(".row-number").all_text_contents() == ["row 1", "row 2", "row 0"]
    assert page.locator(".number").all_text_contents() == ["0.3000", "0.2000", "0.1000"]
    assert "/page/thumbs/" in find_address(page, ".cell img")
    page.click(".cell >> nth=0")
    assert find_address(page, ".frame img").endswith("/overlay/a/one_1.png")
    assert page.get_attribute("text=Turn it in 3D", "href") == "../view/a/one_1.html"


def test_a_comparison_is_sorted_by_how_much_the_better_fit_is_better(browser, folder):
    compared = folder.parent / "compare"
    write_sheets(compared, {f"two_{row}.png": encode((99, 60 * row, 0)) for row in range(3)})
    lines = (
        "row,image,reprojection,winner,gain",
        "0,two.jpg,3,a,0.1",
        "1,two.jpg,1,b,0.4",
        "2,two.jpg,2,tie,0",
    )
    (compared / "compare.csv").write_text("\n".join([*lines, ""]))
    columns = [{"name": name, "unit": "", "about": "", "worst": "high"} for name in ("reprojection", "gain")]
    (compared / "compare.json").write_text(json.dumps({"columns": columns}))
    write_page([compared])
    with visit(browser, compared / "index.html") as opened:
        page = opened.page
        page.wait_for_selector(READY)
        assert page.locator(".row-number").all_text_contents() == ["row 1", "row 0", "row 2"]
        listed = page.locator("#columns li .name").all_text_contents()
        assert listed[:3] == ["order of rows", "gain", "winner"]
        assert opened.complaints == []


def test_a_slider_lies_between_two_methods(opened):
    page = opened.page
    page.click(".cell >> nth=0")
    page.keyboard.press("c")
    assert find_address(page, ".frame img + img").endswith("/mesh%20%232/a/one_1.png")
    page.focus(".split")
    page.keyboard.press("Home")
    above = page.locator(".frame img + img")
    assert above.evaluate("(picture) => picture.style.clipPath") == "inset(0px 0px 0px 0%)"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("b")
    assert page.input_value(".split") == "100"
    # The next sheet is compared too.
    page.keyboard.press("j")
    assert find_address(page, ".frame img + img").endswith("/mesh%20%232/two_2.png")


def test_failures_are_a_tab_with_reasons(opened):
    page = opened.page
    page.click("#tab-failures")
    assert page.inner_text("#tab-failures .count") == "2"
    assert page.locator(".failures .why").all_text_contents() == ["there is no such photo", "cut off"]
    page.click("text=Damaged 1")
    assert page.locator(".failures tbody tr").count() == 1
    page.click(".failures .link")
    page.wait_for_selector("#detail .reason")
    assert page.inner_text("#detail .reason") == "cut off"


def test_back_closes_a_sheet(opened):
    page = opened.page
    page.click(".cell >> nth=1")
    assert page.evaluate("State.open") == 2
    page.go_back()
    wait_until(page, "!detail.open")
    assert page.evaluate("State.open") == -1


@pytest.mark.slow
@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_axe_finds_nothing_serious(browser, folder, look):
    from axe_playwright_python.sync_playwright import Axe

    options = PHONE if look == "phone" else {"color_scheme": look, "viewport": {"width": 1280, "height": 800}}
    rules = {"resultTypes": ["violations"]}
    if look == "dark":
        # Of all rules the only one that looks at colours.
        rules["runOnly"] = ["color-contrast"]
    axe, found = Axe(), []
    with visit(browser, folder / "index.html", reduced_motion="reduce", **options) as opened:
        page = opened.page
        page.wait_for_selector(READY)
        states = {
            "the grid": "App.search('pck5<1')",
            "a sheet": "Stage.isCompared = true; Detail.open(1)",
            "failures": "Detail.close(); State.tab = 'failures'; App.update()",
            "overview": "State.tab = 'overview'; App.update()",
            "marks": "Marks.show()",
            "help": "marks.close(); Keys.showHelp()",
        }
        for name, script in states.items():
            page.evaluate(f"async () => {{ {script}; await new Promise((done) => setTimeout(done, 100)); }}")
            violations = axe.run(page, options=rules).response["violations"]
            found += [
                (name, one["id"], one["impact"], one["nodes"][0]["html"], one["nodes"][0]["failureSummary"])
                for one in violations
                if one["impact"] in ("serious", "critical")
            ]
        assert found == []
        assert opened.list_requests_outside(folder.parent) == []


def test_nothing_sticks_out_on_a_phone(browser, folder):
    with visit(browser, folder / "index.html", **PHONE) as opened:
        page = opened.page
        page.wait_for_selector(READY)
        for script in ("", "Detail.open(1)", "Detail.close(); State.tab = 'failures'; await App.update()"):
            page.evaluate(f"async () => {{ {script} }}")
            widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert widths[0] <= widths[1] == 360
        assert np.isclose(page.evaluate("visualViewport.scale"), 1)
