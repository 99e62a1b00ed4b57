"""What a page of HTML holds that can be wrong: links, places that links lead to, and pictures."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path


class HtmlPage(HTMLParser):
    """Reads a file.

    Attributes:
        links: Of `a`.
        ids: Of all elements.
        pictures: Address and alternative text of each `img`; None where it has none.
        fetched: Addresses of what a browser fetches by itself: pictures, scripts, style sheets, icons.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.pictures: list[tuple[str, str | None]] = []
        self.fetched: list[str] = []
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what an element has."""
        held = dict(attrs)
        if held.get("id"):
            self.ids.add(held["id"] or "")
        if tag == "a" and held.get("href"):
            self.links.append(held["href"] or "")
        if tag == "img":
            self.pictures.append((held.get("src") or "", held.get("alt")))
        if held.get("src"):
            self.fetched.append(held["src"] or "")
        if tag == "link" and held.get("rel") in ("stylesheet", "icon", "preload", "preconnect"):
            self.fetched.append(held.get("href") or "")
