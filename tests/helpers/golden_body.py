"""The golden pictures' body as the pickle that SMPL comes as."""

import pickle
from pathlib import Path

import numpy as np
import scipy.sparse as sp

GOLDEN_EFT = Path(__file__).parents[1] / "golden" / "eft"


def write_golden_body(path: Path) -> Path:
    z = np.load(GOLDEN_EFT / "body.npz")
    count = len(z["v_template"])

    def expand(name: str, shape: tuple[int, int]) -> sp.coo_matrix:
        return sp.coo_matrix((z[f"{name}_val"], (z[f"{name}_row"], z[f"{name}_col"])), shape=shape)

    body = {
        "v_template": z["v_template"].astype(np.float64),
        "shapedirs": z["shapedirs"].astype(np.float64),
        "posedirs": expand("posedirs", (count * 3, 207)).toarray().reshape(count, 3, 207).astype(np.float64),
        "weights": expand("weights", (count, 24)).toarray().astype(np.float64),
        "J_regressor": expand("J", (24, count)).tocsc(),
        "kintree_table": z["kintree_table"],
        "f": z["f"].astype(np.uint32),
        "bs_style": "lbs",
        "bs_type": "lrotmin",
    }
    body["J"] = body["J_regressor"] @ body["v_template"]
    with path.open("wb") as file:
        pickle.dump(body, file, protocol=2)
    return path
