"""Which entries of a fit file a run takes."""

from __future__ import annotations

import re

from render.errors import ConfigError
from render.types.fits import Fits, RowProblem


def select_samples(fits: Fits, problems: list[RowProblem], samples: str) -> tuple[Fits, list[RowProblem]]:
    """What of a fit file a run takes.

    Args:
        fits: The valid rows of the file.
        problems: Its other entries.
        samples: As `parse_samples` takes it; it counts entries of the file, valid or not.

    Returns:
        Those of the rows, and those of the other entries, that are asked for.

    Raises:
        ConfigError: That is none.
    """
    # Here, so that settings are checked before numpy is loaded.
    import numpy as np

    entries = len(fits) + len(problems)
    wanted = range(entries)[parse_samples(samples)]
    if not wanted:
        raise ConfigError(f"samples: {samples!r} selects none of the {entries} entries of the fit file")
    if len(wanted) == entries:
        # As it is mapped from the cache.
        return fits, problems
    chosen = fits.take(np.isin(fits.row, np.array(wanted)))
    return chosen, [problem for problem in problems if problem.row in wanted]


def parse_samples(samples: str) -> slice:
    """Reads the setting `samples`.

    Args:
        samples: `all`, one index, or start:stop or start:stop:step as in Python.

    Raises:
        ConfigError: It is anything else.
    """
    if samples == "all":
        return slice(None)
    if re.fullmatch(r"\d{1,9}", samples):
        return slice(int(samples), int(samples) + 1)
    if re.fullmatch(r"(-?\d{1,9})?:(-?\d{1,9})?(:[1-9]\d{0,8})?", samples):
        return slice(*(int(part) if part else None for part in samples.split(":")))
    raise ConfigError(f"samples: expected all, an index, or start:stop[:step], found {samples!r}")
