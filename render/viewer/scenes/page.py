"""One file of HTML with a stage in it, that opens anywhere and asks for nothing."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

from render.viewer.stages.first_view import find_first_view

if TYPE_CHECKING:
    from render.viewer.stages.stage import Stage

_TITLE = "<title>Viser</title>"
# The library's page takes the camera from its address, where nobody has written one. The file itself may not
# have a window's shape, so it is found when the page is opened; addresses of files cannot be changed.
_CAMERA = """\
<script>
(() => {
  const [across, along, bar] = %s;
  const aspect = window.innerWidth / Math.max(window.innerHeight - bar, 1);
  const fov = 2 * Math.atan(Math.max(along, across / aspect));
  const Params = window.URLSearchParams;
  window.URLSearchParams = class extends Params {
    constructor(init) {
      super(init);
      if (init === window.location.search && !this.has("initialCameraFov")) this.set("initialCameraFov", fov);
    }
  };
})();
</script>
"""
# Of the bar under a motion, CSS px.
_BAR_PX = 41


def finish_page(made: str, stage: Stage, has_bar: bool) -> str:
    """The library's page with a title of its own, which shows the whole photo in a window of any shape.

    Args:
        made: By the library.
        stage: That it shows at first, whose name is a text of strangers.
        has_bar: Whether there is a bar for the time below the scene.
    """
    half_view = find_first_view(stage).half_view
    camera = _CAMERA % json.dumps([*half_view, _BAR_PX if has_bar else 0])
    # Of what the library writes itself: of more than one, the first is in its head.
    return made.replace(_TITLE, f"{camera}<title>{html.escape(stage.name)}</title>", 1)
