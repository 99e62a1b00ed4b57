"""Services that tests in tests/cluster need, and that not every machine has."""

import os

import pytest


def require(is_there: bool, what: str) -> None:
    """Skips the test without a service; REQUIRE_CLUSTER=1 makes that a failure.

    what: What is missing, and how to get it.
    """
    if not is_there:
        if os.environ.get("REQUIRE_CLUSTER") == "1":
            pytest.fail(f"REQUIRE_CLUSTER=1, but there is no {what}")
        pytest.skip(f"there is no {what}")
