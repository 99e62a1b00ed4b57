"""What `smpl-render --help` says; the lists come from where the things themselves are."""

from __future__ import annotations

from render.annotate.annotation import ANNOTATIONS
from render.rasterize.rasterizer import RASTERIZERS
from render.registry import Registry
from render.resources import CONF_DIR
from render.shade.mode import MODES
from render.sheet.backgrounds import BACKGROUNDS
from render.sheet.view import VIEWS

# In the order in which a user chooses.
GROUPS = ("dataset", "body", "job", "output")
_TEMPLATE = """\
Renders datasets of SMPL fits: for each person a sheet, rows of panels, into outputs/<dataset>/<job>/.

    smpl-render
    smpl-render dataset=coco2014_part dataset.image_dir=/data/coco/train2014 samples=0:100
    smpl-render panels='[camera/geo, orbit:45:10/normal]' people=together opacity=0.8 supersample=2
    smpl-render job=turntable output=mp4 size=512x512

Choices, each a file in conf/:

{choices}

Panels are written view/mode or view/mode/background.

Views:
{views}

Modes:
{modes}

Backgrounds: {backgrounds}, or a colour as rgb:ff8800.

Annotations, for annotate='[bbox, label]':
{annotations}

Settings:

  panels       what a sheet shows from left to right; columns= breaks them into rows
  samples      entries of the fit file: all, one index, or start:stop[:step]
  people       alone (a sheet for each person) or together (one for each image)
  background   of panels that name none; photo is white where a view does not lie over the photo
  annotate     annotations over the panels, but not over labels
  size         of panels that do not lie over the photo: photo, or 512x512
  opacity      of the bodies, above 0 to 1
  supersample  1, 2 or 4: n x n samples a pixel, for smooth edges
  frames       of a full turn, with output=gif, mp4 or webp
  device       auto, cpu, cuda or cuda:1
  rasterizer   auto (the fastest that works), {rasterizers}
  batch        most sheets drawn in one pass
  threads      0 takes one for each core
  output.dir   where the sheets go; what is there already, whole and of the same inputs, is not drawn again
  shard        3/64 draws the third of 64 shards of the samples; smpl-render merge joins their lists
  on_error     skip what cannot be drawn, or stop at it
  damaged_photos  fail, or draw what is left of them

What this call would run with (change it by key=value):

{settings}

Exit code: 0 if no sheet failed, 1 if the run could not start or go on, 2 if some sheets failed, 130 or 143 if
Ctrl-C or SIGTERM stopped it. Entries that are no valid fits are skipped, which is no failure.

    smpl-render doctor dataset=...       looks at all that a long run needs and tells how long it takes
    smpl-render download eft NAME        fetches a fit file; densepose fetches the charts
    smpl-render merge FOLDER             joins the manifests of shards into one
"""


def build_help(settings: str) -> str:
    """The text.

    Args:
        settings: What the call would run with, as YAML.
    """
    views = {_spell(name): VIEWS.describe(name) for name in VIEWS.names}
    return _TEMPLATE.format(
        choices=_table({group: _list_files(group) for group in GROUPS}),
        views=_table(views),
        modes=_list(MODES),
        backgrounds=", ".join(BACKGROUNDS),
        annotations=_list(ANNOTATIONS),
        rasterizers=" or ".join(RASTERIZERS.names),
        settings=settings,
    )


def _list_files(group: str) -> str:
    return ", ".join(sorted(path.stem for path in (CONF_DIR / group).glob("*.yaml")))


def _list(registry: Registry) -> str:
    return _table({name: registry.describe(name) for name in registry.names})


def _spell(name: str) -> str:
    view = VIEWS.load(name)
    arguments = "".join(f"[:{field.removesuffix('_deg')}]" for field in view.arguments)
    return name + arguments + ("" if view.over_photo else "[:ortho]")


def _table(rows: dict[str, str]) -> str:
    width = max(map(len, rows))
    return "\n".join(f"  {name:{width}}  {what}" for name, what in rows.items())
