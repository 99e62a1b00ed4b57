"""Fixtures of other fits of the small set's people."""

from tests.helpers.small_runs import bent

__all__ = ["bent"]
