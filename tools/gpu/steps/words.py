"""The words that each step is run with."""

from __future__ import annotations

import argparse
from pathlib import Path


def read_words(*positional: str, words: list[str] | None = None) -> argparse.Namespace:
    """Reads a step's command line.

    Args:
        positional: Names of what comes without a flag; one that ends in * takes all that is left.
        words: The command line, without the program; the process's own if nothing is said.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--notes", type=Path, required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--tool", default="")
    parser.add_argument("--only", default="")
    for name in positional:
        parser.add_argument(name.rstrip("*"), nargs="*" if name.endswith("*") else None)
    return parser.parse_intermixed_args(words)
