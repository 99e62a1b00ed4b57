"""Whom the rows of a figure show; what is missing is found for all of them before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from render.errors import ConfigError
from render.fits.rows.image_index import ImageIndex
from render.run.figures.strips import find_frames
from render.run.figures.table import FigureTable
from render.types.figure.spec import FigureSpec, Sample, Strip
from render.types.fits import Fits

# Images that are looked at for a name that is close.
_MOST_PROBLEMS = 20


@dataclass(frozen=True)
class FigureRow:
    """A row of a figure with the people that it shows.

    Attributes:
        sample: As declared.
        image_name: Of its photo.
        people: By method, positions in the table's fits; those of the run itself are under None, and so are
            the frames of a strip, whose they ever are.
    """

    sample: Sample
    image_name: str
    people: dict[str | None, tuple[int, ...]] = field(default_factory=dict)


def find_rows(spec: FigureSpec, table: FigureTable, count: int) -> list[FigureRow]:
    """Whom each row shows.

    Args:
        spec: The figure; where it names no rows, the first images are taken.
        table: Its fits.
        count: How many images are taken then.

    Raises:
        ConfigError: Rows or methods lack somebody; all that is missing is said, a line each.
    """
    own = table.selection.valid
    samples = spec.rows or _choose_rows(table, count)
    found: list[FigureRow] = []
    problems: list[str] = []
    for i, sample in enumerate(samples):
        path = f"figure.rows[{i}]"
        people = _find_people(sample, table)
        if isinstance(people, str):
            problems.append(f"{path}: {people}")
            continue
        row = FigureRow(sample, str(own.image_name[people[0]]), {None: people})
        if sample.strip is not None:
            frames = _find_strip(sample.strip, people, table)
            if isinstance(frames, str):
                problems.append(f"{path}.strip: {frames}")
                continue
            found.append(replace(row, people={None: frames}))
            continue
        for method in _list_methods(spec):
            partners = [table.find_person(method, person) for person in people]
            reasons = [reason for reason in partners if isinstance(reason, str)]
            problems += [f"{path}: {reason}" for reason in dict.fromkeys(reasons)]
            row.people[method] = tuple(partner for partner in partners if isinstance(partner, int))
        found.append(row)
    refuse(problems)
    return found


def refuse(problems: Sequence[str]) -> None:
    """Raises ConfigError with all problems, a line each; nothing where there are none."""
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        listed = [*problems[:_MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]
        raise ConfigError("\n".join(listed))


def take_used(fits: Fits, rows: list[FigureRow]) -> tuple[Fits, list[FigureRow]]:
    """The fits of the people that rows show, and the rows with their places there.

    Args:
        fits: All that there are.
        rows: Whom they show.
    """
    shown = [row for row in rows if row.sample.strip is None]
    index = sorted({person for row in shown for people in row.people.values() for person in people})
    place = {person: i for i, person in enumerate(index)}
    moved = []
    for row in rows:
        people: dict[str | None, tuple[int, ...]]
        if row.sample.strip is None:
            people = {method: tuple(place[one] for one in group) for method, group in row.people.items()}
        else:
            # Of its own, for they may be put elsewhere than other pictures have them.
            people = {None: tuple(range(len(index), len(index) + len(row.people[None])))}
            index += row.people[None]
        moved.append(replace(row, people=people))
    return fits.take(np.array(index, np.int64)), moved


def _list_methods(spec: FigureSpec) -> list[str]:
    users = dict.fromkeys([*(column.method for column in spec.columns), spec.reference])
    return [method for method in users if method is not None]


def _find_strip(strip: Strip, people: tuple[int, ...], table: FigureTable) -> tuple[int, ...] | str:
    if len(people) > 1:
        return f"a strip is of one person, and there are {len(people)}; add person: 0"
    first = table.find_person(strip.method, people[0])
    return first if isinstance(first, str) else find_frames(table.fits, first, strip)


def _choose_rows(table: FigureTable, count: int) -> tuple[Sample, ...]:
    """The first images of the run, with the first of the people of each."""
    selected = table.selection.selected
    first: dict[str, int] = {}
    for row, image_name in zip(selected.row.tolist(), selected.image_name.tolist(), strict=True):
        first.setdefault(image_name, row)
        if len(first) == count:
            break
    if not first:
        raise ConfigError("figure.rows: the fit file has no valid fits to choose from; name rows")
    return tuple(Sample(row=row) for row in first.values())


def _find_people(sample: Sample, table: FigureTable) -> tuple[int, ...] | str:
    """Positions among the run's own, or why there are none."""
    own = table.selection.valid
    if sample.row is not None:
        place = np.flatnonzero(own.row == sample.row)
        if len(place):
            return (int(place[0]),)
        reasons = [one.reason for one in table.selection.rejected if one.row == sample.row]
        entries = len(own) + len(table.selection.rejected)
        if reasons:
            return f"row {sample.row} is no valid fit: {reasons[0]}"
        return f"there is no row {sample.row}; the fit file has {entries} entries, from 0"
    if sample.annotation is not None:
        place = np.flatnonzero(own.annot_id == sample.annotation)
        if len(place):
            return (int(place[0]),)
        return f"no fit is of annotation {sample.annotation}"
    assert sample.image is not None
    try:
        image = _find_image(own, sample.image)
    except ValueError as error:
        return str(error)
    people = np.flatnonzero(own.image_name == image).tolist()
    if sample.person is None:
        return tuple(people)
    if sample.person >= len(people):
        return f"{image} has {len(people)} valid fits, from 0; there is no person {sample.person}"
    return (people[sample.person],)


def _find_image(fits: Fits, name: str) -> str:
    """The one image of that name; raises ValueError, which says why there is none."""
    images = ImageIndex(fits.image_name.tolist())
    found = images.find(name)
    if found is None:
        raise ValueError(f"no fit is of the image {name!r}; {images.suggest(name)}")
    return found
