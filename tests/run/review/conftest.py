from tests.helpers.small_runs import draw, out, small

__all__ = ["draw", "out", "small"]
