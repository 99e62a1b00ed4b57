"""Foreground and parts of drawn bodies beside those of pictures in dataset.segmentation_dir, as for LSP."""

from __future__ import annotations

import numpy as np

from render.review.image import ReviewedImage
from render.review.lsp import CLASSES, FOREGROUND, SCORED, ClassCounts, count_classes, name_counts, to_classes
from render.review.measure import Column, Measure

_WORDS = {"fg": "foreground or not", "parts": "six parts or none"}


def _list_columns() -> tuple[Column, ...]:
    scores = [
        column
        for prefix, words in _WORDS.items()
        for column in (
            Column(
                f"{prefix}_accuracy", f"Share of the photo's pixels in the right class: {words}.", "", "low"
            ),
            Column(f"{prefix}_f1", f"Mean F1 of the classes: {words}.", "", "low"),
        )
    ]
    counts = [
        Column(name, _explain(name), "px", digits=0)
        for prefix, classes in SCORED.items()
        for name in name_counts(prefix, classes)
    ]
    return (*scores, *counts)


def _explain(name: str) -> str:
    kind, _, whose = name.partition("_")[2].partition("_")
    words = whose.replace("_", " ")
    told = {
        "hits": f"annotated and drawn as {words}",
        "errors": f"annotated or drawn as {words}, but not both",
        "right": "in the right class",
        "pixels": "that are compared",
    }
    return f"Pixels {told[kind]}, to be summed over the whole set."


COLUMNS = _list_columns()


def measure_lsp(image: ReviewedImage) -> np.ndarray:
    """(P, C) of the columns."""
    rows = []
    for number in range(len(image.people)):
        fg, parts = _count_foreground(image, number), _count_parts(image, number)
        scores = [score for of in (fg, parts) for score in ((of.accuracy, of.f1) if of else (np.nan, np.nan))]
        rows.append([*scores, *_spell(fg, FOREGROUND), *_spell(parts, CLASSES)])
    return np.array(rows, np.float64).reshape(len(image.people), len(COLUMNS))


def _count_foreground(image: ReviewedImage, number: int) -> ClassCounts | None:
    """Of the body as if alone."""
    if image.segments is None or image.segments.is_body is None or image.masks is None:
        return None
    return count_classes(image.segments.is_body, image.masks[number], len(FOREGROUND))


def _count_parts(image: ReviewedImage, number: int) -> ClassCounts | None:
    """Of those of the body that nobody else hides."""
    if image.segments is None or image.segments.parts is None or image.skin_parts is None:
        return None
    return count_classes(image.segments.parts, to_classes(image.skin_parts[number]), len(CLASSES))


def _spell(counts: ClassCounts | None, classes: tuple[str, ...]) -> list[float]:
    """As `name_counts` names them."""
    if counts is None:
        return [np.nan] * (2 * len(classes) + 2)
    return [*counts.hits.tolist(), *counts.errors.tolist(), counts.right, counts.pixels]


MEASURE = Measure(COLUMNS, measure_lsp)
