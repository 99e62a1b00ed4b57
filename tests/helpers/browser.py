"""A real browser for tests of pages: the system's Chromium, driven by playwright, without a window."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright

# Containers run as root, which the sandbox refuses, and have little shared memory.
CHROMIUM_FLAGS = ["--no-sandbox", "--headless=new", "--disable-dev-shm-usage"]
# Far beyond what any step takes on a machine with much else to do.
LONGEST_WAIT_MS = 30_000
# WebGL by the processor.
_WEBGL_FLAGS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]


@dataclass
class Visit:
    """A page that is open, and what is noted of it from the start.

    Attributes:
        page: As playwright has it.
        complaints: Errors and warnings of its console, and exceptions of its scripts.
        requests: Addresses of all that it asked for.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def list_faults(self) -> list[str]:
        """Complaints but of files of made sheets, which are not there."""
        return [one for one in self.complaints if "ERR_FILE_NOT_FOUND" not in one]

    def list_requests_outside(self, folder: Path) -> list[str]:
        """Requests that are not of files below a folder, nor of what is in the page itself."""
        inside = (f"{folder.resolve().as_uri()}/", "data:", "blob:")
        return [address for address in self.requests if not address.startswith(inside)]


@contextlib.contextmanager
def visit(browser: Browser, address: Path | str, **options: Any) -> Iterator[Visit]:
    """Opens a page in a profile of its own.

    Args:
        browser: Of the fixture `browser` or `webgl_browser`.
        address: Of the page, or its file.
        options: Of playwright's `new_context`: `viewport`, `color_scheme`, `has_touch` and so on.

    Yields:
        The page when it is loaded.
    """
    context = browser.new_context(**options)
    try:
        visit = Visit(context.new_page())
        page = visit.page
        page.on("console", lambda message: _note_message(visit, message))
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("request", lambda request: visit.requests.append(request.url))
        page.goto(address.resolve().as_uri() if isinstance(address, Path) else address)
        yield visit
    finally:
        context.close()


def wait_until(page: Page, expression: str) -> None:
    """Waits until an expression is true in the page; playwright's way needs `eval`, which pages forbid."""
    page.evaluate(
        f"""() => new Promise((resolve, reject) => {{
            const end = Date.now() + {LONGEST_WAIT_MS};
            const look = () => {{
                if ({expression}) resolve();
                else if (Date.now() > end) reject(new Error("it does not come true"));
                else setTimeout(look, 5);
            }};
            look();
        }})"""
    )


def _note_message(visit: Visit, message: Any) -> None:
    if message.type in ("error", "warning"):
        visit.complaints.append(message.text)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright; tests that ask for it are skipped without Chromium, or fail where REQUIRE_CHROMIUM=1."""
    if find_chromium() is None:
        if os.environ.get("REQUIRE_CHROMIUM") == "1":
            pytest.fail("REQUIRE_CHROMIUM=1, but there is no chromium")
        pytest.skip("there is no chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, one for all tests of a process."""
    with playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS) as started:
        yield started


@pytest.fixture(scope="session")
def webgl_browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium with WebGL, which makes all else slower."""
    flags = [*CHROMIUM_FLAGS, *_WEBGL_FLAGS]
    with playwright.chromium.launch(executable_path=find_chromium(), args=flags) as started:
        yield started


def find_chromium() -> str | None:
    """Where it is; None where it is not installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")
