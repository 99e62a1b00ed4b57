"""A page of HTML as Chromium shows it.

Needs Chromium (apt install chromium) and playwright (requirements-dev.txt).
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import ViewportSize, sync_playwright

# WebGL by the processor; containers have no sandbox.
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
# What the viewer says of WebGL without a GPU lies over the picture.
NO_NOTES = ".mantine-Notification-root { display: none }"
SCALE, SETTLE_MS, STEPS = 2, 3000, 20


def photograph(page: Path, result: Path, window: str, drags: Sequence[str] = ()) -> None:
    """Opens a page of the disk, and keeps what is seen.

    Args:
        page: Of HTML.
        result: The picture, twice as large as the window, to be shrunk.
        window: Its size, such as 1400x900.
        drags: By how much the pointer drags from the middle of the window, as right,down in pixels, which
            turns a body in 3D. Each adds what is then seen on the right.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is needed for pictures of pages: apt install chromium")
    width, height = map(int, window.split("x"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        size = ViewportSize(width=width, height=height)
        # The style below is none of the page's own.
        tab = browser.new_page(viewport=size, device_scale_factor=SCALE, bypass_csp=True)
        tab.goto(page.resolve().as_uri())
        tab.add_style_tag(content=NO_NOTES)
        tab.wait_for_timeout(SETTLE_MS)
        seen = [tab.screenshot()]
        for drag in drags:
            right, down = map(int, drag.split(","))
            tab.mouse.move(width / 2, height / 2)
            tab.mouse.down()
            tab.mouse.move(width / 2 + right, height / 2 + down, steps=STEPS)
            tab.mouse.up()
            tab.wait_for_timeout(SETTLE_MS)
            seen.append(tab.screenshot())
        browser.close()
    strip = Image.new("RGB", (SCALE * width * len(seen), SCALE * height))
    for i, picture in enumerate(seen):
        strip.paste(Image.open(io.BytesIO(picture)), (SCALE * width * i, 0))
    strip.save(result)
