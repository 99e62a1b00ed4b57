"""The page of 100,000 made sheets in Chromium."""

import json

import numpy as np
import pytest

from tests.helpers.browser import visit, wait_until
from tests.helpers.made_sheets import make_folder, make_table, write_made_page

pytestmark = pytest.mark.slow

COUNT = 100_000
DESKTOP = {"width": 1280, "height": 800}
READY = "html[data-ready] .cell"


@pytest.fixture(scope="module")
def images():
    return [f"train/photo_{row // 2:06d}.jpg" for row in range(COUNT)]


@pytest.fixture(scope="module")
def table(images):
    return make_table(images)


@pytest.fixture(scope="module")
def path(tmp_path_factory, images, table):
    folder = tmp_path_factory.mktemp("made") / "a set" / "over lay"
    folder.mkdir(parents=True)
    return write_made_page(folder, make_folder(folder, images), table)


@pytest.fixture(scope="module")
def opened(browser, path):
    with visit(browser, path, viewport=DESKTOP) as opened:
        opened.page.wait_for_selector(READY)
        yield opened
        # Of all tests together.
        assert opened.list_faults() == []
        assert opened.list_requests_outside(path.parent) == []


@pytest.fixture
def page(opened):
    """The page as it is when it is opened."""
    opened.page.evaluate(
        """async () => {
            Marks.keys.clear(); Marks.keep(); Detail.hasStep = false; Detail.isFull = false;
            document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
            document.activeElement.blur();
            history.replaceState(null, "", "#"); State.read(); await App.update(false);
        }"""
    )
    return opened.page


def numbers(table, name):
    return next(column.numbers for column in table.columns if column.name == name)


def list_shown(page):
    # As one text: playwright takes a second for 100,000 numbers.
    text = page.evaluate("Order.shown.join()")
    return np.array(text.split(",") if text else [], np.int64)


def search(page, text):
    page.evaluate("async (text) => { State.search = text; await App.update(); }", text)
    return list_shown(page)


def focused_row(page):
    return page.evaluate("document.activeElement.getAttribute('aria-label')").split(", ")[1]


def test_the_worst_come_first_in_the_order_of_numpy(page, table):
    error = numbers(table, "reprojection")
    # What is not known comes last; of equal numbers the first rows come first.
    expected = np.argsort(np.where(np.isnan(error), np.inf, -error), kind="stable")
    assert np.array_equal(list_shown(page), expected)
    page.click("#columns li[data-name=overlap] .column")
    wait_until(page, "State.sort === 'overlap' && Order.numbers[Order.shown[0]] < 0.3")
    assert np.array_equal(list_shown(page), np.argsort(numbers(table, "overlap"), kind="stable"))
    page.click("text=Best first")
    wait_until(page, "State.isDescending")
    assert np.array_equal(list_shown(page), np.argsort(-numbers(table, "overlap"), kind="stable"))
    assert page.evaluate("location.hash") == "#sort=overlap&order=down"


def test_few_sheets_are_elements_wherever_one_scrolls(page):
    for share in (0, 0.37, 1):
        page.evaluate("(s) => { scroller.scrollTop = s * scroller.scrollHeight; Grid.draw(); }", share)
        assert 0 < page.locator(".cell").count() < 120
        in_view = page.evaluate("document.elementFromPoint(700, 500).closest('.cell')?.dataset.place")
        assert abs(int(in_view) / COUNT - share) < 0.01
    last = list_shown(page)[-1]
    assert page.locator(f".cell[aria-label*='row {last},']").count() == 1


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("reprojection>0.1 people=2", lambda e, o, p, row: (e > 0.1) & (p == 2)),
        ("overlap<=0.5 reprojection<0.02", lambda e, o, p, row: (o <= 0.5) & (e < 0.02)),
        ("people!=1 row<50", lambda e, o, p, row: (p != 1) & (row < 50)),
        ("row:4711", lambda e, o, p, row: row == 4711),
        ("1000000012", lambda e, o, p, row: row == 12),
        ("PHOTO_000021", lambda e, o, p, row: row // 2 == 21),
        ("image:train/photo_0000 people=3", lambda e, o, p, row: (row < 200) & (p == 3)),
        ("overlap=0.9", lambda e, o, p, row: o == 0.9),
        ('"no such words"', lambda e, o, p, row: row < 0),
        ('"people=2"', lambda e, o, p, row: row < 0),
        ('image:"photo_000021.jpg" people>0', lambda e, o, p, row: row // 2 == 21),
    ],
)
def test_terms_leave_who_is_like_that(page, table, text, passes):
    named = (numbers(table, name) for name in ("reprojection", "overlap", "people"))
    expected = np.flatnonzero(passes(*named, np.arange(COUNT)))
    assert np.array_equal(np.sort(search(page, text)), expected)
    # What is said is what is shown.
    count = f"{len(expected):,}"
    assert page.inner_text("#found") == f"{count} of 100,000 sheets"
    assert page.is_visible("#nothing") == (len(expected) == 0)


def test_choices_are_searched_by_their_names(page, table):
    assert np.array_equal(np.sort(search(page, "gender=male")), np.flatnonzero(numbers(table, "gender") == 1))


def test_what_is_wrong_with_a_search_is_said(page):
    assert len(search(page, "reprojektion>0.1")) == COUNT
    assert page.inner_text("#search-fault") == "There is no column reprojektion."
    search(page, "people=two")
    assert page.inner_text("#search-fault") == "people: there is no number two."


def test_the_histogram_filters_by_keyboard(page, table):
    page.focus(".handle.low")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    wait_until(
        page,
        "State.ranges.size === 1 && !document.getElementById('chips').hidden && Order.shown.length < 90000",
    )
    (low, high) = page.evaluate("State.ranges.get('reprojection')")
    assert high is None
    error = numbers(table, "reprojection")
    assert np.array_equal(np.sort(list_shown(page)), np.flatnonzero(error >= low))
    assert page.get_attribute(".handle.low", "aria-valuetext") == f"{low:.4f}"
    page.click("#chips .chip")
    wait_until(page, f"Order.shown.length === {COUNT}")


def test_keys_move_open_mark_and_close(page):
    shown = list_shown(page)
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    assert focused_row(page) == f"row {shown[2]}"
    columns = page.evaluate("Grid.columns")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    assert focused_row(page) == f"row {shown[1 + columns]}"
    page.keyboard.press("x")
    assert page.evaluate("Marks.list()") == [shown[1 + columns]]
    page.keyboard.press("End")
    assert focused_row(page) == f"row {shown[-1]}"
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    assert page.evaluate("detail.open && State.open") == shown[0]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("m")
    assert page.evaluate("[State.open, Marks.has(State.open)]") == [shown[1], True]
    page.keyboard.press("f")
    assert page.evaluate("detail.classList.contains('full')")
    page.keyboard.press("Escape")
    wait_until(page, "!detail.open")
    # The keyboard goes on where the sheet was.
    wait_until(page, "document.activeElement.dataset.place === '1'")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("4711")
    wait_until(page, "State.search === '4711'")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.is_visible("#help")


def test_what_is_marked_is_exported(page, table):
    shown = list_shown(page)
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press("e")
    with page.expect_download() as download:
        page.click("text=Download list.txt")
    assert download.value.suggested_filename == "list.txt"
    rows = sorted(shown[1:4].tolist())
    assert download.value.path().read_text() == "".join(f"{row}\n" for row in rows)
    with page.expect_download() as download:
        page.click("text=Download table.csv")
    header, *lines = download.value.path().read_text().splitlines()
    assert header == "row,image,annotation,people,reprojection,overlap,gender"
    expected = [
        f"{row},train/photo_{row // 2:06d}.jpg,{1000000000 + row},{numbers(table, 'people')[row]:.0f},"
        f"{numbers(table, 'reprojection')[row]:.4f},{numbers(table, 'overlap')[row]:.3f},"
        f"{('female', 'male')[int(numbers(table, 'gender')[row])]}"
        for row in rows
    ]
    assert lines == expected


def test_without_marks_all_that_is_shown_is_exported(page):
    search(page, "row<3")
    assert page.evaluate("Marks.formatList(Marks.listExported())") == "0\n1\n2\n"


def test_an_address_leads_back_to_the_same(browser, page, path):
    search(page, "people=2")
    page.evaluate(
        """async () => {
            State.ranges.set("overlap", [0.2, 0.6]); State.sort = "overlap"; State.isDescending = true;
            await App.update();
        }"""
    )
    page.evaluate("Detail.open(Order.shown[7])")
    address, shown = page.url, list_shown(page)
    with visit(browser, address, viewport=DESKTOP) as again:
        again.page.wait_for_selector("html[data-ready] #detail[open]")
        assert np.array_equal(list_shown(again.page), shown)
        assert again.page.evaluate("State.open") == shown[7]
        assert again.list_faults() == []


def test_a_sheet_says_where_its_numbers_lie(page, table):
    page.evaluate("Detail.open(Order.shown[0])")
    page.wait_for_selector(".numbers")
    worst = np.nanargmax(numbers(table, "reprojection"))
    assert page.inner_text(".facts").split() == ["row", str(worst), "annotation", str(1_000_000_000 + worst)]
    row = page.locator(".numbers tr[data-bad=very]", has_text="reprojection")
    assert f"{np.nanmax(numbers(table, 'reprojection')):.4f}" in row.inner_text()
    assert page.locator(".viewer .strip .thumb").count() == 9
    # The other one on the same photo.
    assert page.locator(".others .thumb").count() == 1


def test_scripts_are_ascii_and_hand_over_json(path):
    scripts = sorted(path.parent.glob("page/data-*/*-0.js"))
    assert scripts
    for script in scripts:
        text = script.read_text("ascii")
        assert "<" not in text.replace("\\x3c", "")
        assert text.startswith(f"receive({json.dumps(script.stem)},'")
