"""The body models whose files have SMPL's keys, told by how many joints and vertices they have."""

from __future__ import annotations

from collections.abc import Mapping

from render.body.family.kinds import KINDS, BodyKind

_OURS = {(kind.joints, kind.verts): kind for kind in KINDS.values()}
_OTHERS = {
    (75, 10475): "SUPR",
    (33, 3889): "SMAL (animals)",
    (35, 3889): "SMAL (animals)",
}
# Of each quaternion of STAR's 23 joints; SMPL has the nine elements of each rotation matrix, 207.
_STAR_JOINTS, _STAR_CORRECTIVES = 24, 93


def name_other_model(shapes: Mapping[str, tuple[int, ...]], wanted: BodyKind) -> str | None:
    """What a model is whose arrays have these shapes, and what takes it.

    Args:
        shapes: By key of SMPL's files, of those arrays that there are.
        wanted: The kind that it should be.

    Returns:
        None where it may be of that kind, or is not known to be a model.
    """
    claims = [
        shapes[key][axis]
        for key, axis in (("weights", 1), ("J_regressor", 0), ("kintree_table", 1))
        if len(shapes.get(key, ())) == 2
    ]
    verts = shapes["v_template"][0] if len(shapes.get("v_template", ())) == 2 else 0
    # One alone that has another size is a fault of a file.
    joints = max(claims, key=claims.count, default=0)
    if not verts or claims.count(joints) < 2:
        return None
    if joints == _STAR_JOINTS and shapes.get("posedirs", ())[2:] == (_STAR_CORRECTIVES,):
        return f"STAR ({_STAR_CORRECTIVES} pose correctives, where SMPL has 207)"
    if joints == wanted.joints:
        return None
    size = f"{joints} joints, {verts} vertices"
    if ours := _OURS.get((joints, verts)):
        return f"{_join(ours.title, size)}, which body.model={ours.name} takes"
    other = _OTHERS.get((joints, verts))
    return _join(other, size) if other else f"another body model ({size})"


def _join(title: str, size: str) -> str:
    return f"{title} ({size})".replace(") (", ", ")
