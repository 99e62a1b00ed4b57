"""Model files of every kind of SMPL's family: their keys, shapes and types, filled at random."""

import pickle
from collections.abc import Collection
from pathlib import Path

import numpy as np
from scipy.sparse import csc_matrix

from render.body.family.hands import HAND_NUMBERS
from render.body.family.kinds import KINDS

FACES = {"smpl": 13776, "smplh": 13776, "smplx": 20908, "mano": 1538, "flame": 9976}
# Of the root, as files of this family have it.
NO_PARENT = 2**32 - 1


def make_arrays(kind: str, columns: int = 10, components: int = 45) -> dict[str, np.ndarray]:
    """The arrays of a model file, with as many vertices and faces as the files that are distributed."""
    facts, rng = KINDS[kind], np.random.default_rng(0)
    verts, joints = facts.verts, facts.joints
    weights = np.zeros((verts, joints))
    for _ in range(4):
        weights[np.arange(verts), rng.integers(0, joints, verts)] += rng.uniform(0.1, 1, verts)
    regressor = np.zeros((joints, verts))
    for row in regressor:
        row[rng.choice(verts, 20, replace=False)] = 1 / 20
    # A joint hangs on one that is not far from it in the list, so that chains are as long as a body's.
    parents = [NO_PARENT, *(int(rng.integers(max(0, joint - 4), joint)) for joint in range(1, joints))]
    arrays = {
        "v_template": rng.uniform(-1, 1, (verts, 3)),
        "shapedirs": _fill(rng, 5e-3, (verts, 3, columns)),
        "posedirs": _fill(rng, 1e-3, (verts, 3, 9 * (joints - 1))),
        "J_regressor": regressor,
        "weights": weights / weights.sum(1, keepdims=True),
        "f": rng.integers(0, verts, (FACES[kind], 3)).astype(np.uint32),
        "kintree_table": np.stack([np.array(parents), np.arange(joints)]),
    }
    for hand in facts.hands:
        arrays[hand.mean] = rng.normal(0, 0.3, HAND_NUMBERS)
        arrays[hand.components] = rng.normal(0, 0.2, (components, HAND_NUMBERS))
    if facts.landmark_names:
        count = len(facts.landmark_names)
        arrays["lmk_faces_idx"] = rng.integers(0, FACES[kind], count)
        arrays["lmk_bary_coords"] = rng.dirichlet(np.ones(3), count)
    return arrays


def make_model_file(
    kind: str, path: Path, columns: int = 10, *, without: Collection[str] = (), components: int = 45
) -> Path:
    """Writes a model file, as a pickle with a sparse regressor if `path` ends with .pkl, else as an npz."""
    arrays = make_arrays(kind, columns, components)
    kept = {key: array for key, array in arrays.items() if key not in without}
    if path.suffix == ".pkl":
        if "J_regressor" in kept:
            kept["J_regressor"] = csc_matrix(kept["J_regressor"])
        path.write_bytes(pickle.dumps(kept, 4))
    else:
        np.savez(path, **kept)
    return path


def _fill(rng: np.random.Generator, std_m: float, shape: tuple[int, ...]) -> np.ndarray:
    # A few numbers again and again, of which no length is a multiple: to draw them all takes seconds.
    return np.resize(rng.normal(0, std_m, 99_991).astype(np.float32), shape)
