from tests.helpers.small_runs import bent, draw, out, small

__all__ = ["bent", "draw", "out", "small"]
