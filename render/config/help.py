"""What `smpl-render --help` says; the lists come from where the things themselves are."""

from __future__ import annotations

import textwrap
from collections.abc import Collection
from itertools import takewhile
from typing import Any

from omegaconf import DictConfig, OmegaConf

from render.annotate.annotation import ANNOTATIONS
from render.config.figure.declare import KEYS
from render.config.keys import GROUPS, list_choices, list_settings
from render.config.load import REFUSED_BY
from render.labels.layer import ALPHA, AMODAL, DENSEPOSE, KEYPOINTS, LAYERS, SPECIAL
from render.registry import Registry
from render.resources import CONF_DIR
from render.shade.mode import MODES
from render.sheet.backgrounds import BACKGROUNDS
from render.sheet.view import VIEWS
from render.write.format import FORMATS

_WIDTH = 110
# Those that have no module of their own.
_SPECIAL_LAYERS = {
    ALPHA: "How much of the pixel bodies cover: the one layer with smooth edges.",
    AMODAL: "The mask of each person, whoever stands before them.",
    KEYPOINTS: "The joints of each person, in the file .json beside the layers.",
    DENSEPOSE: "DensePose's labels of each person in its own programs' form, in the same file.",
}
_TEMPLATE = """\
Renders datasets of 3D human fits into outputs/<dataset>/<job>/: for each person a sheet, which is rows of
panels, or with another job a clip, labels for training, the mesh, or numbers that tell which fits are bad.

    smpl-render
    smpl-render dataset=coco2014_part dataset.image_dir=/data/coco/train2014 samples=0:100
    smpl-render panels='[camera/geo, orbit:45:10/normal]' people=together opacity=0.8 supersample=2
    smpl-render job=turntable output=mp4 transition=24
    smpl-render job=labels people=together layers='[iuv, instance, amodal, keypoints]'
    smpl-render job=meshes output=obj
    smpl-render job=audit
    smpl-render samples=worst:20:reprojection page=true
    smpl-render job=compare reference=OTHER_FITS
    smpl-render job=figure figure.rows='[2, 5]' figure.columns='[image, camera/studio]' figure.width=cvpr.text
    smpl-render preset=eft
    smpl-render dataset=coco2014_part progress=[file] dry_run=true
    smpl-render dataset=auto dataset.fit_file=FITS dataset.image_dir=PHOTOS

Choices, each a file in conf/:

{choices}

Jobs, for job=NAME; output= chooses another format than the one that is named here:

{jobs}

Output formats:

{outputs}

Presets, which settings of the command line go before:

{presets}

Files of fits, each with dataset=NAME dataset.fit_file=FILE dataset.image_dir=PHOTOS:
{formats}

Panels are written view/mode or view/mode/background.

Views:
{views}

Modes:
{modes}

Backgrounds: {backgrounds}, or a colour as rgb:ff8800;
all but the ground also with the shadows of bodies on the ground, as in white+shadow.

Annotations, for annotate='[bbox, label]':
{annotations}

Layers of label sets, for job=labels layers='[iuv, instance, depth:half]', each with the types it has, the
default first: 8, 16 and 32 are bits of whole numbers; half, float and 32 need output=exr or npz.
{layers}

Keys of a figure, in the YAML that job=figure figure=FILE names, or on the command line as figure.KEY:

{figure}

Settings, key=value:

{settings}

What this call would run with:

{values}

Exit code: 0 if no sheet failed, 1 if the run could not start or go on, 2 if some sheets failed, 130, 140 or
143 if Ctrl-C, SIGUSR2 or SIGTERM stopped it. Entries that are no valid fits are skipped, which is no failure.

    smpl-render doctor dataset=...       looks at all that a long run needs and tells how long it takes
    smpl-render download eft NAME        fetches a fit file; densepose fetches the charts
    smpl-render merge FOLDER             joins the manifests of shards into one
    smpl-render page FOLDER              writes a page to look through its sheets
    smpl-render view samples=12          shows fits in 3D in a browser, or writes them as pages
"""


def build_help(composed: DictConfig) -> str:
    """The help of the command that renders.

    Args:
        composed: What the call would run with.
    """
    views = {_spell(name): VIEWS.describe(name) for name in VIEWS.names}
    return _TEMPLATE.format(
        choices=_table({group: ", ".join(list_choices(group)) for group in GROUPS}),
        jobs=_table({name: _read_about("job", name) for name in list_choices("job")}),
        outputs=_list(FORMATS),
        presets=_table({name: _read_about("preset", name) for name in list_choices("preset")}),
        formats=_list_formats(),
        views=_table(views),
        modes=_list(MODES),
        backgrounds=", ".join(BACKGROUNDS),
        annotations=_list(ANNOTATIONS),
        layers=_list_layers(),
        figure=textwrap.indent(textwrap.fill(", ".join(KEYS), _WIDTH - 2), "  "),
        settings=describe_settings(),
        values=_print_values(composed),
    )


def describe_settings(left_out: Collection[str] = ()) -> str:
    """Every key that a person may set, and what it is.

    Args:
        left_out: Keys that a command has no use for.
    """
    shown = [one for one in list_settings().values() if not one.is_told and one.key not in left_out]
    width = max(len(one.key) for one in shown)
    return "\n".join(
        textwrap.fill(
            one.about,
            _WIDTH,
            initial_indent=f"  {one.key:{width}}  ",
            subsequent_indent=" " * (width + 4),
        )
        for one in shown
    )


def _print_values(composed: DictConfig) -> str:
    # Without what files of conf/ only tell.
    try:
        shown: Any = OmegaConf.to_container(composed, resolve=True)
    # What leads nowhere is shown as it is written.
    except REFUSED_BY:
        shown = OmegaConf.to_container(composed)
    for one in list_settings().values():
        group, _, name = one.key.partition(".")
        # The format is what output= chose.
        if one.is_told and one.key != "output.format" and group in shown:
            shown[group].pop(name, None)
    return OmegaConf.to_yaml(shown).rstrip()


def _list(registry: Registry) -> str:
    return _table({name: registry.describe(name) for name in registry.names})


def _list_layers() -> str:
    rows = {name: (tuple(LAYERS.load(name).stores), LAYERS.describe(name)) for name in LAYERS.names}
    rows |= {name: (stores, _SPECIAL_LAYERS[name]) for name, stores in SPECIAL.items()}
    return _table(
        {":".join([name, "|".join(stores)]).rstrip(":"): what for name, (stores, what) in rows.items()}
    )


def _list_formats() -> str:
    """The datasets whose fit file is the user's, by what their files in conf/ begin with."""
    found = {}
    for name in list_choices("dataset"):
        text = (CONF_DIR / "dataset" / f"{name}.yaml").read_text(encoding="utf-8")
        if "fit_file: ???" in text or "\n  - meshes\n" in text:
            found[name] = _read_about("dataset", name)
    width = max(map(len, found))
    return "\n".join(
        textwrap.fill(
            about, _WIDTH, initial_indent=f"  {name:{width}}  ", subsequent_indent=" " * (width + 4)
        )
        for name, about in found.items()
    )


def _read_about(group: str, name: str) -> str:
    """What a file of conf/ begins with."""
    text = (CONF_DIR / group / f"{name}.yaml").read_text(encoding="utf-8")
    comment = takewhile(lambda line: line.startswith("# "), text.splitlines())
    # Hydra's own comment says where the settings of the file go.
    return " ".join(line.removeprefix("# ") for line in comment if not line.startswith("# @package"))


def _spell(name: str) -> str:
    view = VIEWS.load(name)
    arguments = "".join(f"[:{field.removesuffix('_deg')}]" for field in view.arguments)
    return name + arguments + ("" if view.over_photo else "[:ortho]")


def _table(rows: dict[str, str]) -> str:
    width = max(map(len, rows))
    return "\n".join(f"  {name:{width}}  {what}" for name, what in rows.items())
