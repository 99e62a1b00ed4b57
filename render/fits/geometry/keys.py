"""What files of vertices call their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

# Ours first, then what the programs of this field write.
NAMES: dict[str, tuple[str, ...]] = {
    "vertices": ("vertices", "verts", "pred_vertices", "vertices3d", "v3d", "smplx_verts", "verts_smplx"),
    "faces": ("faces",),
    "topology": ("topology",),
    "K": ("K", "cam_int", "intrinsics", "cam_K", "K_fullimg"),
    "focal": ("focal", "focal_length", "focal_l", "img_focal"),
    "princpt": ("princpt", "principal_point", "img_center"),
    "fov": ("fov",),
    "fov_side": ("fov_side",),
    "weak": ("weak",),
    "bbox_center": ("bbox_center",),
    "bbox_size": ("bbox_size",),
    "cam_t": ("cam_t", "pred_cam_t", "cam_trans", "orig_cam_t", "transl"),
    "R": ("R",),
    "T": ("T",),
    "image": ("image", "imgname", "image_name", "img_path", "image_path"),
    "frame": ("frame", "frame_ids", "frames"),
    "person": ("person", "person_id", "person_ids", "track_id", "track_ids"),
    "joints2d": ("joints2d", "pred_keypoints_2d"),
    "joints3d": ("joints3d", "pred_keypoints_3d"),
    "axes": ("axes",),
    "units": ("units",),
    "vertex_colors": ("vertex_colors",),
}
MOST_LISTED = 12


def find_keys(content: Mapping[Any, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values that are known, by our names, and the names of the others.

    Args:
        content: Of a file. Of two keys with one meaning, the first of NAMES counts.
    """
    found: dict[str, Any] = {}
    used = set()
    for name, known in NAMES.items():
        for key in known:
            if key in content and content[key] is not None:
                found[name] = _to_text(content[key])
                used.add(key)
                break
    return found, [shown(key) for key in content if key not in used]


def _to_text(value: Any) -> Any:
    """A word that NumPy saved, as a str; anything else as it is."""
    if not isinstance(value, np.ndarray) or value.ndim or value.dtype.kind not in "US":
        return value
    word = value.item()
    return word.decode("utf-8", "replace") if isinstance(word, bytes) else word


def find_vertices(keys: Any) -> str | None:
    """The first of these keys that names vertices."""
    return next((name for name in NAMES["vertices"] if name in keys), None)


def list_names(names: list[str]) -> str:
    """Names in a sentence, of which there may be many."""
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def shown(key: Any) -> str:
    """A key of a stranger's file, to be printed."""
    return ascii(str(key)[:60])[1:-1]
