"""A line of text for each telling."""

import sys


class Spoken:
    every_s = 60.0

    def __init__(self, run):
        self._job = run.job

    def begin(self):
        print(f"{self._job}: begins", file=sys.stderr)

    def tell(self, standing):
        print(f"{self._job}: {standing.settled} of {standing.total}", file=sys.stderr)

    def close(self):
        print(f"{self._job}: ends", file=sys.stderr)


WATCHER = Spoken
