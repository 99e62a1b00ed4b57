"""Damage that is done to a whole set of fits, and the cause that job=audit names for it."""

import json
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.helpers.runs import run


@pytest.fixture
def audit(fit_set, tmp_path, caplog):
    """Audits the demo set after something was done to it, and returns the causes and what the log says."""

    def audit(damage=None, *words: str) -> tuple[list[dict], str]:
        content, folder, settings = fit_set
        if damage is not None:
            damage(content["data"], folder / "images")
            (folder / "demo_EFT.json").write_text(json.dumps(content))
        settings = [word for word in settings if not word.startswith("panels")]
        with caplog.at_level(logging.WARNING, "render"):
            run(*settings, "device=cpu", "job=audit", *words)
        causes = json.loads((tmp_path / "drawn" / "audit.json").read_text())["causes"]
        return causes, "\n".join(record.getMessage() for record in caplog.records)

    return audit


def write_as_spin(entries: list[dict], _images: Path) -> None:
    """t / s for t, as programs write it that have s (X + t)."""
    for entry in entries:
        s, x, y = entry["parm_cam"]
        entry["parm_cam"] = [s, x / s, y / s]


def turn_upside_down(entries: list[dict], _images: Path) -> None:
    for entry in entries:
        entry["parm_pose"][0] = (np.diag([1.0, -1, -1]) @ entry["parm_pose"][0]).tolist()


def halve_photos(_entries: list[dict], images: Path) -> None:
    for photo in images.glob("*.jpg"):
        cv2.imwrite(str(photo), cv2.resize(cv2.imread(str(photo)), None, fx=0.5, fy=0.5))


def halve_cameras(entries: list[dict], _images: Path) -> None:
    """Boxes of photos of half the size, beside keypoints of these."""
    for entry in entries:
        entry["bbox_scale"] /= 2
        entry["bbox_center"] = [value / 2 for value in entry["bbox_center"]]


@pytest.mark.slow
@pytest.mark.usefixtures("without_plots")
@pytest.mark.parametrize(
    ("damage", "cause", "says"),
    [
        (write_as_spin, "camera", "better if their camera is s (X + t), as SPIN"),
        (turn_upside_down, "y flipped", "21 of 21 people with keypoints fit more than 100 times better"),
        (halve_photos, "photos of another size", "of 21 people leave their photo"),
        (halve_cameras, "photo size", "is multiplied by 2.00, as if it had been resized"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_damage_is_named(audit, damage, cause, says):
    causes, said = audit(damage)
    assert causes[0]["name"] == cause
    assert says in causes[0]["says"]
    # At the end of the run too, with what to do.
    assert f"{cause}: {causes[0]['says']} {causes[0]['advice']}" in said


@pytest.mark.slow
def test_a_set_without_damage_has_no_causes(audit, tmp_path):
    causes, _ = audit()
    assert causes == []
    assert {path.name for path in (tmp_path / "drawn").iterdir()} >= {
        *("audit.csv", "audit.parquet", "audit.json", "audit.png", "audit.pdf")
    }


@pytest.mark.slow
@pytest.mark.usefixtures("without_plots")
def test_another_body_is_told(audit):
    pytest.importorskip("mannequin")
    causes, _ = audit(None, "body=mannequin")
    # The demo set's people have the demo body.
    assert [cause["name"] for cause in causes] == ["wrong gender or body"]
    assert "demo for 21" in causes[0]["says"]
