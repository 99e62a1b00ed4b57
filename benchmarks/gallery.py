"""How soon a page of 100,000 made sheets is there in Chromium, sorts, filters, and scrolls from end to end.

python -m benchmarks.gallery [SHEETS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.helpers.browser import CHROMIUM_FLAGS, find_chromium
from tests.helpers.made_sheets import make_folder, make_table, write_made_page

# Runs in the page: scrolls from end to end in two seconds, and finds the longest time without a cell in view.
_SCROLL = """async () => {
  const scroller = document.getElementById("scroller");
  const height = scroller.scrollHeight - scroller.clientHeight;
  const start = performance.now();
  let [last, longest, blank, worstBlank, frames] = [start, 0, 0, 0, 0];
  for (;;) {
    const now = await new Promise(requestAnimationFrame);
    longest = Math.max(longest, now - last);
    const box = scroller.getBoundingClientRect();
    const found = document.elementFromPoint(box.x + box.width / 3, box.y + box.height / 2)?.closest(".cells");
    blank = found ? 0 : blank + now - last;
    worstBlank = Math.max(worstBlank, blank);
    [last, frames] = [now, frames + 1];
    const share = (now - start) / 2000;
    if (share >= 1) return { frames, longest, worstBlank, nodes: document.querySelectorAll("*").length };
    scroller.scrollTop = share * height;
  }
}"""


def main() -> None:
    """Prints a line for each."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    images = [f"train2014/COCO_train2014_{i:012d}.jpg" for i in range(count)]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        start = time.perf_counter()
        path = write_made_page(folder, make_folder(folder, images), make_table(images))
        size = sum(file.stat().st_size for file in folder.rglob("*.js"))
        print(f"written in {time.perf_counter() - start:.2f} s, {size / 1e6:.1f} MB")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        for _ in range(3):
            start = time.perf_counter()
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-ready] .cell")
            print(f"loaded in {time.perf_counter() - start:.2f} s")
        _print_times(page)
        browser.close()


def _print_times(page: Page) -> None:
    for name, script in {
        "sorted": "State.sort = 'overlap'; State.isDescending = false;",
        "filtered by a word": "State.search = '4711';",
        "filtered by numbers": "State.search = 'reprojection>0.1 people=2';",
        "back to all": "State.search = '';",
    }.items():
        took = page.evaluate(
            f"async () => {{ const start = performance.now(); {script} await App.update();"
            f" return performance.now() - start; }}"
        )
        print(f"{name} in {took:.0f} ms")
    found = page.evaluate(_SCROLL)
    print(
        f"scrolled from end to end in 2 s: {found['frames']} frames, the longest {found['longest']:.0f} ms, "
        f"without a sheet in view for {found['worstBlank']:.0f} ms; {found['nodes']} elements"
    )


if __name__ == "__main__":
    main()
