"""What `python -m render --help` says; the lists come from where the things themselves are."""

from __future__ import annotations

from importlib import import_module

from render.annotate import ANNOTATIONS
from render.panels import BACKGROUNDS
from render.rasterize import RASTERIZERS
from render.shade import MODES
from render.views import VIEWS

_TEMPLATE = """\
Renders datasets of SMPL fits: for each person a sheet, rows of panels, into outputs/<dataset>/<job>/.

    python -m render
    python -m render dataset=coco2014_part dataset.image_dir=/data/coco/train2014 samples=0:100
    python -m render panels='[camera/geo, orbit:45:10/normal]' people=together opacity=0.8 supersample=2
    python -m render job=turntable output=mp4 size=512x512

Choices, each a file in conf/:

$APP_CONFIG_GROUPS
Panels are written view/mode or view/mode/background.

Views:
{views}

Modes:
{modes}

Backgrounds: {backgrounds}, or a colour as rgb:ff8800.

Annotations, for draw='[bbox, label]': {annotations}.

Settings:

  panels       what a sheet shows from left to right; columns= breaks them into rows
  samples      entries of the fit file: all, one index, or start:stop[:step]
  people       alone (a sheet for each person) or together (one for each image)
  background   of panels that name none; photo is white where a view does not lie over the photo
  draw         annotations over the panels, but not over labels
  size         of panels that do not lie over the photo: photo, or 512x512
  opacity      of the bodies, above 0 to 1
  supersample  1, 2 or 4: n x n samples a pixel, for smooth edges
  frames       of a full turn, with output=gif, mp4 or webp
  device       auto, cpu, cuda or cuda:1
  rasterizer   auto (the fastest that works), {rasterizers}
  batch        most sheets drawn in one pass
  threads      0 takes one for each core
  output.dir   where the sheets go; what is there already, whole and of the same inputs, is not drawn again
  shard        3/64 draws the third of 64 parts of the samples; python -m render.merge joins their lists
  on_error     skip what cannot be drawn, or stop at it
  damaged_photos  fail, or draw what is left of them

What this call would run with (change it by key=value):

$CONFIG

Exit code: 0 if no sheet failed, 1 if the run could not start or go on, 2 if some sheets failed, 130 or 143 if
Ctrl-C or SIGTERM stopped it. Entries that are no valid fits are skipped, which is no failure.

    python -m render.doctor dataset=...       looks at all that a long run needs and tells how long it takes
    python -m render.download eft NAME        fetches a fit file; densepose fetches the charts
    python -m render.merge FOLDER             joins the manifests of shards into one
"""


def build_help() -> dict[str, str]:
    """Hydra's help configuration."""
    views = {_spell(name): view.shows for name, view in VIEWS.items()}
    modes = {name: import_module(f"render.shade.{name}").__doc__.splitlines()[0] for name in MODES}
    text = _TEMPLATE.format(
        views=_table(views),
        modes=_table(modes),
        backgrounds=", ".join(BACKGROUNDS),
        annotations=", ".join(ANNOTATIONS),
        rasterizers=" or ".join(RASTERIZERS),
    )
    return {"app_name": "render", "header": "", "footer": "", "template": text}


def _spell(name: str) -> str:
    view = VIEWS[name]
    arguments = "".join(f"[:{field.removesuffix('_deg')}]" for field in view.arguments)
    return name + arguments + ("" if view.over_photo else "[:ortho]")


def _table(rows: dict[str, str]) -> str:
    width = max(map(len, rows))
    return "\n".join(f"  {name:{width}}  {what}" for name, what in rows.items())
