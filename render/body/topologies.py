"""The body models whose files have SMPL's keys, told by how many joints and vertices they have."""

from __future__ import annotations

from collections.abc import Mapping

SMPL_JOINTS = 24
_NAMES = {
    (24, 6890): "SMPL",
    (52, 6890): "SMPL-H",
    (55, 10475): "SMPL-X",
    (75, 10475): "SUPR",
    (16, 778): "MANO (a hand)",
    (5, 5023): "FLAME (a head)",
    (33, 3889): "SMAL (animals)",
    (35, 3889): "SMAL (animals)",
}
# Of each quaternion of STAR's 23 joints; SMPL has the nine elements of each rotation matrix, 207.
_STAR_CORRECTIVES = 93


def name_other_model(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """What a model is whose arrays have these shapes, None where it may be SMPL or is not known to be one.

    Args:
        shapes: By key of SMPL's files, of those arrays that there are.
    """
    claims = [
        shapes[key][axis]
        for key, axis in (("weights", 1), ("J_regressor", 0), ("kintree_table", 1))
        if len(shapes.get(key, ())) == 2
    ]
    verts = shapes["v_template"][0] if len(shapes.get("v_template", ())) == 2 else 0
    # One alone that has another size is a fault of an SMPL file.
    joints = max(claims, key=claims.count, default=0)
    if not verts or claims.count(joints) < 2:
        return None
    if joints == SMPL_JOINTS:
        is_star = shapes.get("posedirs", ())[2:] == (_STAR_CORRECTIVES,)
        return f"STAR ({_STAR_CORRECTIVES} pose correctives, where SMPL has 207)" if is_star else None
    size = f"{joints} joints, {verts} vertices"
    if (joints, verts) in _NAMES:
        return f"{_NAMES[joints, verts]} ({size})".replace(") (", ", ")
    return f"another body model ({size})"
