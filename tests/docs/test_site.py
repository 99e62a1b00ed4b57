"""The documentation builds as a site without a warning, and nothing on its pages leads nowhere."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.helpers.html_pages import HtmlPage
from tests.helpers.pages import DOCS, PAGES

pytestmark = pytest.mark.slow
_read = cache(HtmlPage)


@pytest.fixture(scope="module")
def pages(site) -> list[Path]:
    """All but what a server shows for addresses that are not there, for it has no folder of its own."""
    return [page for page in sorted(site.rglob("*.html")) if page.name != "404.html"]


def test_each_page_of_the_documentation_is_there(site, pages):
    names = {str(page.relative_to(DOCS).with_suffix(".html")) for page in PAGES}
    assert {str(page.relative_to(site)) for page in pages} == names


def test_nothing_is_asked_of_other_servers(site, pages):
    for page in pages:
        assert [one for one in _read(page).fetched if urlsplit(one).scheme not in ("", "data")] == [], page
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", style.read_text()), style


def test_each_link_within_leads_somewhere(pages):
    for page in pages:
        for link in _read(page).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if target.is_dir():
                target /= "index.html"
            assert target.exists(), f"{page}: {link}"
            # The theme's own mark of the top has no element.
            if parts.fragment and target.suffix == ".html":
                assert unquote(parts.fragment) in _read(target).ids, f"{page}: {link}"


def test_each_picture_is_there_and_has_a_text(pages):
    seen = 0
    for page in pages:
        for address, text in _read(page).pictures:
            assert (page.parent / address).is_file(), f"{page}: {address}"
            assert text, f"{page}: {address}"
            seen += 1
    assert seen > 10
