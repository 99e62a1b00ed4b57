"""Bodies that are damaged on purpose are the worst of their columns, by as much as was done."""

import csv
import json

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render.fits.joint_orders import SMPL_24
from tests.helpers.runs import run

# Rows of people who stand upright.
TURNED, SPUN, BENT, TWISTED, SHAPED = 2, 5, 9, 10, 19


def _turn(entry: dict, joint: str, turn: Rotation) -> None:
    """Beside what the joint does, in the frame of the one before it; the pelvis in that of the picture."""
    rotmat = entry["parm_pose"][SMPL_24.index(joint)]
    entry["parm_pose"][SMPL_24.index(joint)] = (turn.as_matrix() @ np.array(rotmat)).tolist()


@pytest.mark.usefixtures("without_plots")
def test_damaged_bodies_are_the_worst_of_their_columns(fit_set, tmp_path):
    whole, folder, settings = fit_set
    entries = whole["data"]
    _turn(entries[TURNED], "pelvis", Rotation.from_euler("y", 120, degrees=True))
    _turn(entries[SPUN], "pelvis", Rotation.from_euler("z", -70, degrees=True))
    entries[BENT]["parm_pose"][SMPL_24.index("left_knee")] = (
        Rotation.from_euler("x", -90, degrees=True).as_matrix().tolist()
    )
    _turn(entries[TWISTED], "head", Rotation.from_euler("y", 140, degrees=True))
    entries[SHAPED]["parm_shape"] = [0, 0, -6, *[0] * 7]
    (folder / "demo_EFT.json").write_text(json.dumps(whole))
    assert run(*settings[:-1], "job=audit").failed == []
    with (tmp_path / "drawn" / "audit.csv").open(newline="") as file:
        table = {int(row["row"]): row for row in csv.DictReader(file)}

    def rank(column: str) -> list[int]:
        return sorted(table, key=lambda row: -float(table[row][column]))

    assert rank("yaw_deg")[0] == TURNED
    assert table[TURNED]["yaw_deg"] == "120"
    assert rank("spin_deg")[0] == SPUN
    assert float(table[SPUN]["spin_deg"]) == pytest.approx(70, abs=0.5)
    assert rank("limits_deg")[:2] == rank("limits_sum_deg")[:2] == [BENT, TWISTED]
    assert (table[BENT]["limits_deg"], table[BENT]["limits_joint"]) == ("65.0", "left_knee")
    assert table[TWISTED]["limits_joint"] == "neck"
    assert rank("betas_norm")[0] == rank("betas_most")[0] == SHAPED
    assert (table[SHAPED]["betas_norm"], table[SHAPED]["betas_place"]) == ("6.000", "2")
    others = set(table) - {TURNED, SPUN, BENT, TWISTED, SHAPED}
    assert {table[row]["yaw_deg"] for row in others} == {"0"}
    assert {table[row]["limits_deg"] for row in others} == {"0.0"}
    assert max(float(table[row]["spin_deg"]) for row in others) < 0.1
