"""Peers take turns at the same people, after it is seen that they draw the same."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from benchmarks.peers.crew import Turn
from benchmarks.peers.peer import OURS
from benchmarks.results import spread

# pyrender always draws with four samples a pixel, and half of them are taken for a body here: outlines differ
# by a part of a pixel, of bodies that may be 24 px tall. All others are within 0.999.
LEAST_IOU = 0.98
# Sheets for each that works side by side, before it is known how many a turn can have.
TRIED = 8


class Drawing(Protocol):
    """What is asked of a crew."""

    def draw(self, rows: range) -> Turn:
        """Draws these people."""

    def find_bodies(self, rows: range) -> np.ndarray:
        """Where their sheets show them, (N, H, W) bool."""


def take(sheets: int, count: int) -> range:
    """So many rows of a set, spread over all of it."""
    count = min(count, sheets)
    step = sheets // count
    return range(0, step * count, step)


def compare_bodies(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Pixels of bodies that both have, of those that either has, over all sheets."""
    return float((ours & theirs).sum() / (ours | theirs).sum())


class Contest:
    """Turns of crews, of which the first that enters is OURS.

    Args:
        sheets: How many people the set has.
        budget_s: For a turn: who is so slow that it takes longer draws fewer people.
        least: How many people that are at least; as many as work side by side.
    """

    def __init__(self, sheets: int, budget_s: float, least: int) -> None:
        self._sheets, self._budget_s, self._least = sheets, budget_s, least
        self._crews: dict[str, Drawing] = {}
        self._counts: dict[str, int] = {}
        self._turns: dict[str, list[Turn]] = {}

    def enter(self, name: str, crew: Drawing, checked: int) -> float | None:
        """Tries a crew out; after that it takes part.

        Args:
            name: Of PEERS.
            crew: Of that peer.
            checked: How many of its sheets are compared with ours, 0 for none; no more than it draws in a
                turn.

        Returns:
            The share of the pixels of bodies that are the same (IoU), None where none were compared.

        Raises:
            RuntimeError: It draws something else, so that its time would mean nothing; or it fails.
        """
        count, iou = self._try_out(crew), None
        if checked:
            rows = take(self._sheets, min(checked, count))
            iou = compare_bodies(self._crews.get(OURS, crew).find_bodies(rows), crew.find_bodies(rows))
            if iou < LEAST_IOU:
                raise RuntimeError(
                    f"it draws other bodies than {OURS}: IoU {iou:.4f} of {len(rows)} sheets, expected "
                    f"{LEAST_IOU} at least; its time cannot be compared"
                )
        self._crews[name], self._counts[name], self._turns[name] = crew, count, []
        return iou

    def run(self, rounds: int) -> None:
        """Rounds in which each has a turn."""
        for _ in range(rounds):
            for name, crew in self._crews.items():
                self._turns[name].append(crew.draw(take(self._sheets, self._counts[name])))

    def summarize(self) -> dict[str, dict[str, Any]]:
        """Spreads of each; `ours_is_faster` by so many times, in pairs of the same round."""
        ours = self._turns[OURS]
        return {
            name: {
                "sheets": turns[0].sheets,
                "sheets_per_s": spread([turn.sheets / turn.seconds for turn in turns]),
                "processor_ms": spread([1000 * turn.processor_seconds / turn.sheets for turn in turns]),
                "ours_is_faster": spread(
                    [
                        (own.sheets / own.seconds) / (turn.sheets / turn.seconds)
                        for own, turn in zip(ours, turns, strict=True)
                    ]
                ),
            }
            for name, turns in self._turns.items()
        }

    def _try_out(self, crew: Drawing) -> int:
        """How many sheets it can draw in a turn; afterwards all is compiled and loaded."""
        count = self._least
        for most in (TRIED * self._least, self._sheets):
            # Those that are slow are tried only once more where that tells more.
            turn = crew.draw(take(self._sheets, count))
            count = int(min(max(turn.sheets / turn.seconds * self._budget_s, self._least), most))
            if count == self._least:
                break
        return count
