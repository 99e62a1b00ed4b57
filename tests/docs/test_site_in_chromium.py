"""The site as browsers show it: wide and on a phone, light and dark, with its search."""

import pytest

from tests.helpers.browser import visit, wait_until

pytestmark = pytest.mark.slow
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WIDE = {"viewport": {"width": 1400, "height": 900}}
# A page of text and a picture, one of wide tables, one of code.
LOOKED_AT = ("index.html", "data/formats.html", "library/extending.html")


def test_on_a_phone_no_page_is_wider_than_the_screen(browser, site, site_url):
    names = [str(page.relative_to(site)) for page in sorted(site.rglob("*.html")) if page.name != "404.html"]
    with visit(browser, site_url, **PHONE) as opened:
        for name in names:
            opened.page.goto(site_url + name)
            width_px = opened.page.evaluate("document.documentElement.scrollWidth")
            assert width_px == PHONE["viewport"]["width"], name
            broken = "[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)"
            assert opened.page.evaluate(broken) == [], name
        assert opened.complaints == []
        assert [one for one in opened.requests if not one.startswith((site_url, "data:"))] == []


@pytest.mark.parametrize(("word", "found"), [("turntable", "jobs/videos.html"), ("barycentric", "library/")])
def test_search_finds(browser, site_url, word, found):
    with visit(browser, site_url, **WIDE) as opened:
        opened.page.click(".md-search__input")
        # Letter by letter: the page listens to keys.
        opened.page.keyboard.type(word)
        link = f'.md-search-result__link[href*="{found}"]'
        wait_until(opened.page, f"document.querySelector({link!r})")
        assert opened.complaints == []


def test_the_switch_makes_it_dark_and_the_next_page_keeps_it(browser, site_url):
    scheme = "document.body.getAttribute('data-md-color-scheme')"
    colour = "getComputedStyle(document.body).backgroundColor"
    with visit(browser, site_url, color_scheme="light", **WIDE) as opened:
        page = opened.page
        assert page.evaluate(scheme) == "default"
        light = page.evaluate(colour)
        page.click("label[title='Dark']")
        wait_until(page, f"{scheme} === 'slate'")
        assert page.evaluate(colour) != light
        page.goto(site_url + "start.html")
        assert page.evaluate(scheme) == "slate"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, site_url, scheme):
    from axe_playwright_python.sync_playwright import Axe

    # In the dark the only rule that looks at colours.
    only = ["color-contrast"] if scheme == "dark" else ["wcag2a", "wcag2aa"]
    rules = {"resultTypes": ["violations"], "runOnly": only}
    found = []
    for name in LOOKED_AT:
        with visit(browser, site_url + name, color_scheme=scheme, reduced_motion="reduce", **WIDE) as opened:
            for one in Axe().run(opened.page, options=rules).response["violations"]:
                if one["impact"] in ("serious", "critical"):
                    found += [f"{name}: {one['id']}: {node['html'][:160]}" for node in one["nodes"]]
    assert found == []
