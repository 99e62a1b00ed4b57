"""Names of devices, checked without torch."""

from __future__ import annotations

import re

from render.errors import ConfigError


def check_device_name(name: str) -> None:
    """Raises ConfigError unless `name` is one that a device may have."""
    if not re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", name):
        raise ConfigError(f"device: expected auto, cpu, cuda or cuda:N, found {name!r}")
