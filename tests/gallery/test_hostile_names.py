"""What files of strangers say is shown as text, in Chromium."""

import pytest

from tests.helpers.browser import visit, wait_until
from tests.helpers.made_sheets import make_folder, make_table, write_made_page

NAMES = [
    "<script>document.title='run'<|script>.jpg",
    '"><img src=x onerror=document.title="run">.jpg',
    "' onmouseover='document.title=1' x='.jpg",
    "${document.title='run'}`\\u0027);document.title='run';('.jpg".replace("\\", "|"),
    "\u202egpj.exe\u2066.jpg",
    "line\u2028separator\u2029.jpg",
    "a#b?c%2e%2e&d;e.jpg",
    "=HYPERLINK(1).jpg",
    "名前 \U0001f600 e\u0301.jpg",
    "/".join(["x" * 100] * 3) + ".jpg",
    "__proto__.jpg",
    "javascript:document.title='run'.jpg",
]
REASON = "</script><script>document.title='run'</script>\u202e" + "y" * 300 + " \\ud800 &amp;"


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "<b>set" / "job"
    folder.mkdir(parents=True)
    failures = [("failed", row, name, REASON) for row, name in enumerate(NAMES)]
    table = make_table(NAMES)
    table.columns[0].about = REASON
    table.columns[4].choices = ("<i>female</i>", "male\u202e")
    table.causes.append({"name": "<u>cause</u>", "says": REASON, "people": 5, "of": 12, "advice": NAMES[0]})
    path = write_made_page(folder, make_folder(folder, NAMES, failures), table)
    with visit(browser, path, viewport={"width": 1280, "height": 2000}) as opened:
        opened.page.wait_for_selector("html[data-ready] .cell")
        yield opened
        assert opened.list_faults() == []
        assert opened.list_requests_outside(folder) == []
        assert opened.page.evaluate("document.title") == "<b>set / job"
        assert opened.page.locator("b b, i, u, img[onerror], .cell script, table script").count() == 0


def show(page, state):
    page.evaluate(f"async () => {{ {state}; await App.update(); }}")


def test_names_of_images_are_text(opened):
    opened.page.evaluate(
        "async () => { State.sort = 'row'; State.isDescending = false; await App.update(); }"
    )
    shown = opened.page.locator(".caption .image").all_text_contents()
    assert sorted(shown) == sorted(name.rpartition("/")[2] for name in NAMES)


@pytest.mark.parametrize("row", range(len(NAMES)))
def test_a_sheet_of_any_name_opens_and_its_link_stays_below_the_folder(opened, row):
    opened.page.evaluate("(row) => Detail.open(row)", row)
    opened.page.wait_for_selector(".numbers")
    assert opened.page.locator("#detail h2").text_content() == NAMES[row]
    link = opened.page.locator(".links a").first
    address = link.evaluate("(link) => link.href")
    folder = opened.page.evaluate("new URL('.', location.href).href")
    assert address.startswith(folder)
    # All of it is the path: nothing of a name is taken for a query or a fragment.
    assert link.evaluate("(link) => link.search + link.hash") == ""
    stem = NAMES[row].rpartition(".")[0]
    assert (
        link.evaluate("(link, n) => decodeURIComponent(link.href.slice(n))", len(folder))
        == f"{stem}_{row}.jpg"
    )
    opened.page.evaluate("Detail.close()")
    wait_until(opened.page, "!detail.open")


def test_reasons_causes_and_choices_are_text(opened):
    show(opened.page, "State.tab = 'failures'")
    assert opened.page.locator(".failures .why").all_text_contents() == [REASON] * len(NAMES)
    assert opened.page.locator(".failures bdi").all_text_contents() == NAMES
    show(opened.page, "State.tab = 'overview'")
    said = opened.page.locator(".causes p").all_text_contents()
    assert said == ["<u>cause</u>, 5 of 12 people", REASON, NAMES[0]]
    show(opened.page, "State.tab = 'sheets'; State.sort = 'gender'")
    assert opened.page.locator("#columns .open .chip bdi").all_text_contents() == [
        "<i>female</i>",
        "male\u202e",
    ]


def test_tables_are_no_formulas(opened):
    table = opened.page.evaluate("Marks.formatTable([7])")
    assert table.splitlines()[1].startswith("7,'=HYPERLINK(1).jpg,")
