"""What a file is that was given as a body model and is none, told by its content, and what to do then."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from itertools import islice
from pathlib import Path

MOST_LISTED = 3
# Of a folder and what is below it.
MOST_ENTRIES = 2_000
# The folders of smplx: models/smpl/SMPL_NEUTRAL.pkl, and those of SMPL's archive, one deeper.
DEEPEST_FOLDER = 3

_UNPACK = "Unpack it and set body.path to the model inside"
_SET = "Set body.path to the model"
_PICTURE, _MESH = "a picture", "a mesh without joints"
_KINDS = (
    (0, b"\x1f\x8b", "a gzip archive", _UNPACK),
    (0, b"BZh", "a bzip2 archive", _UNPACK),
    (0, b"\xfd7zXZ\0", "an xz archive", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (0, b"Rar!", "a rar archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "a PyTorch file (a checkpoint)", _SET),
    # After the length of its header, in eight bytes.
    (4, b'\0\0\0\0{"', "a safetensors file", _SET),
    (0, b"MATLAB ", "a MATLAB file", f"{_SET}; DensePose's charts are set by body.charts"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file", _SET),
    (512, b"\x89HDF\r\n\x1a\n", "an HDF5 file", _SET),
    (0, b"\x93NUMPY", "a single array (.npy)", "A model is several, in an .npz or .pkl"),
    (0, b"ply\n", _MESH, _SET),
    (0, b"ply\r\n", _MESH, _SET),
    (0, b"glTF", _MESH, _SET),
    (0, b"Kaydara FBX", _MESH, _SET),
    (0, b"\x89PNG", _PICTURE, _SET),
    (0, b"\xff\xd8\xff", _PICTURE, _SET),
    (0, b"%PDF", "a PDF document", _SET),
)
_OBJ = re.compile(rb"\s*(#[^\n]*\n\s*)*(v|vn|o|g|mtllib) [^\n]*\n")
# Keys that tell what else an npz or a pickle may hold.
_CONTENTS = (
    ({"skin_template_v"}, "SKEL, a model of another layout"),
    ({"codecVersion"}, "a motion (.smpl of Meshcapade)"),
    ({"poses", "trans"}, "a motion (poses, as AMASS has them)"),
    ({"poses", "betas"}, "a motion (poses, as AMASS has them)"),
    ({"pose_body"}, "a motion (poses, as AMASS has them)"),
    ({"smpl_poses"}, "a motion (poses, as AIST++ has them)"),
    ({"imgname"}, "fits or labels of photos"),
    ({"body_pose"}, "fits (poses and shapes)"),
    ({"pose", "betas"}, "fits (poses and shapes)"),
    ({"pose", "shape"}, "fits (poses and shapes)"),
    ({"verts"}, "vertices that are posed already"),
    ({"vertices"}, "vertices that are posed already"),
)


class OtherFileError(Exception):
    """A file is something else than a body model; the message says what, and what to do."""


def name_file(start: bytes) -> str | None:
    """What a file is by its first bytes, and what to do; None where it is not known."""
    if start.startswith(b"version https://git-lfs"):
        return "a git-lfs pointer instead of the file. Fetch the file itself with `git lfs pull`"
    text = start[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!", b"<html", b"<?xml")):
        return (
            "a web page (HTML) saved under this name, perhaps a login page. Download the file again while "
            "logged in"
        )
    for place, magic, kind, advice in _KINDS:
        if start[place:].startswith(magic):
            return f"{kind}. {advice}"
    if text.startswith((b"{", b"[")):
        return f"a JSON file, as fits are. {_SET}; fits are set by the dataset"
    return f"{_MESH}. {_SET}" if _OBJ.match(start[:4096]) else None


def name_zip(names: Collection[str]) -> str:
    """What a zip archive is that holds no array of a model, and what to do."""
    if any(name.endswith(("/data.pkl", "/constants.pkl")) for name in names):
        return f"a PyTorch file (a checkpoint). {_SET}"
    models = list_models(names)
    if models:
        return f"a zip archive that holds {models}. Unpack it and set body.path to the model inside"
    arrays = [name.removesuffix(".npy") for name in names if name.endswith(".npy")]
    if arrays:
        return f"{name_content(arrays) or f'an npz without a model: {_list(arrays)}'}. {_SET}"
    return f"a zip archive without a model: {_list(names) or 'it is empty'}. {_SET}"


def name_content(keys: Collection[str]) -> str | None:
    """What an npz or a pickle with these keys holds."""
    found = set(keys)
    return next((kind for wanted, kind in _CONTENTS if wanted <= found), None)


def list_models(names: Iterable[str]) -> str:
    """Those of these files that may be models, the neutral ones first; a few, and how many more there are."""
    models = [
        name
        for name in names
        if name.lower().endswith((".pkl", ".npz"))
        # What macOS puts into archives beside each file.
        and not name.rpartition("/")[2].startswith("._")
    ]
    return _list(sorted(models, key=lambda name: "neutral" not in name.lower()))


def list_models_below(folder: Path) -> str:
    """The model files in a folder and those below it, as `list_models` has them."""
    return list_models(islice(_walk(folder), MOST_ENTRIES))


def _walk(folder: Path) -> Iterable[str]:
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        folders.sort()
        if len(inside.parts) >= DEEPEST_FOLDER:
            folders.clear()
        # Folders count, so that a tree of nothing else ends too.
        yield from (str(inside / name) for name in [*sorted(files), *(f"{name}/" for name in folders)])


def _list(names: Collection[str]) -> str:
    # They come from a file, and are printed.
    shown = [ascii(name[-100:])[1:-1] for name in islice(names, MOST_LISTED)]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
