"""What is said of a comparison as a whole: means as papers have them, who wins, by how much, and where."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from render.fits.joint_orders import COCO_17
from render.review.compare.bodies import BODY_COLUMNS
from render.review.compare.photo import SIDES, SUMMED, WINNERS, list_chosen
from render.review.compare.strata import list_strata
from render.review.compare.table import read_methods
from render.review.lsp import pool_lsp
from render.review.table import Values

VERSION = 1
ERRORS = ("mpjpe_mm", "pa_mpjpe_mm", "pve_mm")
_DIGITS = 5


def summarize(values: Values) -> dict[str, Any]:
    """All that `compare.json` has.

    Means are over people, each of whom counts once, as papers have them.

    Args:
        values: Of all people, as `spell_values` gives them.
    """
    methods = read_methods(values.about)
    everybody = np.ones(len(values), bool)
    return {
        "version": VERSION,
        "a": methods.names[0],
        "b": methods.names[1],
        "people": len(values),
        "apart": _list_apart(values),
        "photo": _compare_sides(values, everybody),
        "winner": count_wins(values, everybody),
        "pooled": {side: pool_lsp(values, f"{side}_") for side in SIDES},
        "joints": list_joints(values),
        "strata": [
            {
                "kind": one.kind,
                "name": one.name,
                "people": int(one.people.sum()),
                "apart": {name: _describe(values.take(name)[one.people]) for name in ERRORS},
                "photo": _compare_sides(values, one.people),
                "winner": count_wins(values, one.people),
            }
            for one in list_strata(values)
        ],
        "columns": [
            {"name": column.name, "unit": column.unit, "about": column.about, "worst": column.worst}
            for column in values.table.columns
        ],
    }


def format_summary(told: dict[str, Any]) -> str:
    """The content of `compare.json`."""
    return json.dumps(told, indent=1, allow_nan=False) + "\n"


def _list_apart(values: Values) -> list[dict[str, Any]]:
    """How far the two fits are apart, of people who are compared by the same joints."""
    choices = values.table.columns[values.table.find("joints")].choices
    kinds = values.take("joints")
    found: list[dict[str, Any]] = []
    for place, joints in [*enumerate(choices), (None, "")]:
        people = np.isnan(kinds) if place is None else kinds == place
        numbers = {name: _describe(values.take(name)[people]) for name in ERRORS}
        if any(one is not None for one in numbers.values()):
            found.append({"joints": joints, "people": int(people.sum()), **numbers})
    return found


def _compare_sides(values: Values, people: np.ndarray) -> dict[str, Any]:
    """Of each number that is found of both fits what it is of either."""
    found = {}
    for name in (name for name in list_chosen() if name not in SUMMED):
        of_both = [values.take(f"{side}_{name}")[people] for side in SIDES]
        # The same people, so that means can be compared.
        known = np.isfinite(of_both).all(0)
        if known.any():
            found[name] = {side: _describe(one[known]) for side, one in zip(SIDES, of_both, strict=True)}
    return found


def count_wins(values: Values, people: np.ndarray) -> dict[str, Any]:
    """Who is nearer to the photo, how often and by how much.

    Args:
        values: Of all people.
        people: (N,) bool, those who count.
    """
    winners, gains, judges = (values.take(name)[people] for name in ("winner", "gain", "winner_by"))
    by = values.table.columns[values.table.find("winner_by")].choices
    told: dict[str, Any] = {
        "by": {name: int((judges == place).sum()) for place, name in enumerate(by)},
        "unknown": int(np.isnan(winners).sum()),
    }
    for place, name in enumerate(WINNERS):
        is_his = winners == place
        told[name] = int(is_his.sum())
        if name in SIDES:
            told[f"{name}_median_gain"] = _find_median(gains[is_his])
    return told


def list_joints(values: Values) -> dict[str, dict[str, Any]]:
    """Of each joint how far it is from its keypoint in either fit, and how far the fits are apart there."""
    found: dict[str, dict[str, Any]] = {}
    for name in COCO_17:
        of_both = [values.take(f"{side}_{name}") for side in SIDES]
        known = np.isfinite(of_both).all(0)
        if known.any():
            found[name] = {
                "people": int(known.sum()),
                **{side: _find_mean(one[known]) for side, one in zip(SIDES, of_both, strict=True)},
            }
    for column, name in BODY_COLUMNS.items():
        mean = _find_mean(values.take(column))
        if mean is not None:
            found.setdefault(name, {})["apart_mm"] = mean
    return found


def _describe(numbers: np.ndarray) -> dict[str, Any] | None:
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return None
    return {
        "people": len(known),
        "mean": _find_mean(known),
        "median": _find_median(known),
        "p95": round(float(np.quantile(known, 0.95)), _DIGITS),
    }


def _find_mean(numbers: np.ndarray) -> float | None:
    known = numbers[np.isfinite(numbers)]
    return round(float(known.mean()), _DIGITS) if len(known) else None


def _find_median(numbers: np.ndarray) -> float | None:
    return round(float(np.median(numbers)), _DIGITS) if len(numbers) else None
