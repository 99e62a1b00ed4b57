"""Which entries of a fit file a run takes."""

from __future__ import annotations

from render.fits.rows.split import parse_samples
from render.types.fits import Fits, RowProblem


def select_samples(
    fits: Fits, problems: list[RowProblem], samples: str, audit_dir: str
) -> tuple[Fits, list[RowProblem]]:
    """What of a fit file a run takes.

    Args:
        fits: The valid rows of the file.
        problems: Its other entries.
        samples: As `parse_samples` takes it; rows count entries of the file, valid or not.
        audit_dir: Where the dataset is audited, for those that are the worst.

    Returns:
        Those of the rows, and those of the other entries, that any term asks for, in the order of the file.

    Raises:
        ConfigError: A term asks for what is not there; names it.
    """
    # Here, so that settings are checked before numpy is loaded.
    import numpy as np

    from render.fits.rows.entries import Entries

    entries = Entries(fits, problems, audit_dir)
    wanted = np.zeros(entries.count, bool)
    for term in parse_samples(samples):
        wanted[entries.find(term)] = True
    if wanted.all():
        # As it is mapped from the cache.
        return fits, problems
    return fits.take(wanted[fits.row]), [problem for problem in problems if wanted[problem.row]]
