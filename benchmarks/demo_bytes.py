"""The bytes of the demo set's sheets, in every mode and view: do two checkouts draw the same?

    python -m benchmarks.demo_bytes                        # digests of this checkout's sheets
    python -m benchmarks.demo_bytes ../before ../after     # digests of both, and what differs

Each checkout draws with its own `.venv` the demo set of this one, whose photos look other than those of
earlier versions, and with `preset=eft` where it knows presets: what is compared is what the original viewer
shows. What is drawn: all views in all modes as PNG, alone with one sample a pixel and together with four; the
modes that are no labels as JPEG, translucent; annotations; a turn of 12 frames as GIF and WebP. Modes and
annotations that one of the checkouts does not know, or draws in another version, are left out.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks.coco_like import DEMO_BODY
from render.body.models.smpl import open_body
from render.demo.dataset import make_demo_dataset
from render.shade.mode import MODES
from render.sheet.view import VIEWS

PHOTOS = 12
# The demo body has no texture and no colours of its own, and nothing is compared with others.
ALL = {name: MODES.load(name) for name in MODES.names}
PLAIN = {
    name: mode
    for name, mode in ALL.items()
    if not (mode.needs_texture or mode.needs_colors or mode.needs_values)
}
COLOURS = [name for name, mode in PLAIN.items() if not mode.is_label]
# Of the demo set's photos the crop has the height.
VIEWPOINTS = ("camera", "crop:2.142857", "side", "top", "orbit:45:10")
CONTACT_PANELS = [f"{viewpoint}/{mode}" for mode in PLAIN for viewpoint in VIEWPOINTS]
JPEG_PANELS = [f"{view}/{mode}" for view in VIEWS.names for mode in COLOURS if view != "crop"]
ANNOTATIONS = ("bbox", "keypoints", "multibox", "label")
CONTACT = ["output=png", "panels={contact}", "columns=5"]
RUNS = {
    "alone": CONTACT,
    "together": [*CONTACT, "people=together", "supersample=2"],
    "jpg": ["panels={jpeg}", "columns=7", "opacity=0.7", "supersample=4"],
    "annotated": ["panels=[camera/geo,crop:4/wireframe]", "{annotate}={annotations}", "output=png"],
    "gif": ["job=turntable", "frames=12", "size=160x160"],
    "webp": ["job=turntable", "frames=12", "size=160x160", "output=webp", "background=transparent"],
}


def make_set(folder: Path) -> list[str]:
    """Makes the demo set in a folder, and says how a run is told to draw it."""
    body = open_body(DEMO_BODY, "demo", torch.device("cpu"))
    fit_file = make_demo_dataset(folder, PHOTOS, 0, body)
    return [
        "dataset=eft",
        "dataset.name=demo",
        "body=demo",
        f"dataset.fit_file={fit_file}",
        f"dataset.image_dir={folder / 'images'}",
    ]


def hash_sheets(
    checkout: Path, data: list[str], folder: Path, modes: set[str], annotations: set[str]
) -> dict[str, str]:
    """SHA-256 of each sheet that a checkout draws, by run and name; the sheets are left in the folder."""
    # The setting had another name once.
    given = {"annotate": "draw" if (checkout / "render" / "draw.py").exists() else "annotate"}
    for name, panels in (("contact", CONTACT_PANELS), ("jpeg", JPEG_PANELS)):
        given[name] = f"[{','.join(panel for panel in panels if panel.rpartition('/')[2] in modes)}]"
    given["annotations"] = f"[{','.join(name for name in ANNOTATIONS if name in annotations)}]"
    preset = ["preset=eft"] if (checkout / "conf" / "preset" / "eft.yaml").exists() else []
    for name, settings in RUNS.items():
        words = [*data, *preset, *(word.format(**given) for word in settings)]
        command = [checkout.absolute() / ".venv/bin/python", "-m", "render", *words]
        subprocess.run([*command, f"output.dir={folder / name}"], cwd=checkout, check=True)
    files = sorted(path for path in folder.rglob("*_*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def list_versions(checkout: Path, folder: str) -> set[tuple[str, str]]:
    """What a checkout has in a room's folder of such a name, each with the version of its pixels."""
    found = set()
    for path in (checkout / "render").glob(f"**/{folder}/**/*.py"):
        version = re.search(r"version=(\d+)", path.read_text())
        found.add((path.stem, version[1] if version else "1"))
    return found


def list_shared(checkouts: list[Path], folder: str) -> set[str]:
    """The names that all checkouts have in the same version."""
    return {name for name, _ in set.intersection(*(list_versions(one, folder) for one in checkouts))}


def main() -> None:
    """Prints the digests of one checkout, or compares two; the exit code is 1 where they differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkouts", type=Path, nargs="*", default=[Path()])
    checkouts, found = parser.parse_args().checkouts, []
    modes, annotations = (list_shared(checkouts, folder) for folder in ("modes", "kinds"))
    with tempfile.TemporaryDirectory() as name:
        data = make_set(Path(name) / "set")
        for number, checkout in enumerate(checkouts):
            folder = Path(name) / str(number)
            found.append(hash_sheets(checkout, data, folder, modes & set(PLAIN), annotations))
    if len(found) == 1:
        print("\n".join(f"{digest}  {name}" for name, digest in found[0].items()))
        return
    names = sorted(found[0].keys() | found[1].keys())
    differing = [name for name in names if found[0].get(name) != found[1].get(name)]
    print("\n".join([*differing, f"{len(names)} sheets, {len(differing)} differ"]))
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
