"""Architectures of GPUs, as they are written: sm_90 for those of compute capability 9.0."""

from __future__ import annotations

import re

from render.errors import ConfigError


def parse_architectures(text: str) -> list[int]:
    """Reads architectures such as sm_90, or sm_80,sm_90; the letters may be left out.

    Raises:
        ConfigError: It is nothing of the kind.
    """
    numbers = []
    for name in text.split(","):
        found = re.fullmatch(r"(?:sm_?)?(\d{2,3})", name.strip())
        if found is None:
            raise ConfigError(
                f"arch: expected a GPU's architecture such as sm_90 (H100, H200), sm_89 (RTX 40), sm_80 "
                f"(A100), or several as sm_80,sm_90, found {text!r}; `nvidia-smi --query-gpu=compute_cap "
                f"--format=csv` says it with a dot"
            )
        numbers.append(int(found[1]))
    return list(dict.fromkeys(numbers))


def check_architectures(numbers: list[int], known: list[int]) -> None:
    """Raises ConfigError for one that the compiler does not know."""
    for number in numbers:
        if number not in known:
            names = ", ".join(f"sm_{one}" for one in known)
            raise ConfigError(f"arch: expected one of {names}, found sm_{number}")
