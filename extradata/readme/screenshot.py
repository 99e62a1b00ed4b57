"""A page of HTML as Chromium shows it: python screenshot.py PAGE RESULT [WIDTHxHEIGHT] [RIGHT,DOWN ...]

Needs Chromium (apt install chromium) and playwright (requirements-dev.txt). Each RIGHT,DOWN drags the pointer
by so many pixels from the middle of the window, which turns a body in 3D, and adds what is then seen on the
right. All is twice as large as the window, to be shrunk.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

# WebGL by the processor; containers have no sandbox.
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
# What the viewer says of WebGL without a GPU lies over the picture.
NO_NOTES = ".mantine-Notification-root { display: none }"
SCALE, SETTLE_MS, STEPS = 2, 3000, 20


def main(page: str, result: str, size: str = "1400x900", *drags: str) -> None:
    """Opens the page, which may end in #..., and keeps what is seen."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is needed for pictures of pages: apt install chromium")
    path, mark, place = page.partition("#")
    width, height = map(int, size.split("x"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        window = {"width": width, "height": height}
        # The style below is none of the page's own.
        tab = browser.new_page(viewport=window, device_scale_factor=SCALE, bypass_csp=True)
        tab.goto(Path(path).resolve().as_uri() + mark + place)
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


if __name__ == "__main__":
    main(*sys.argv[1:])
