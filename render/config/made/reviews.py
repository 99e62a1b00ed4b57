"""Which settings audits and comparisons take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from render.config.made.formats import OF_PICTURES
from render.errors import ConfigError
from render.shade.mode import MODES
from render.sheet.panels import PanelSpec

# Rows of a matrix of joints.
MOST_JOINTS = 1000


def check_audit(output: str, settings: Mapping[str, Any]) -> None:
    """Raises ConfigError, naming the key, for settings that an audit does not take.

    Args:
        output: The format's name.
        settings: All of them, by their keys.
    """
    expected = {
        **OF_PICTURES,
        "panels": [],
        "people": "together",
        "view": "camera",
    }
    for key, plain in expected.items():
        if settings[key] != plain:
            raise ConfigError(
                f"{key}: an audit measures all people of an image and makes no pictures of them; expected "
                f"{plain}, found {settings[key]}"
            )
    if output != "png" or settings["output"].tar:
        found = f"output.tar={settings['output'].tar}" if settings["output"].tar else output
        raise ConfigError(f"output: an audit writes tables and plots; leave it out, found {found}")


def check_compare(settings: Mapping[str, Any], specs: tuple[PanelSpec, ...]) -> None:
    """Raises ConfigError, naming the key, for settings that a comparison does not take, or lacks.

    Args:
        settings: All of them, by their keys.
        specs: The panels.
    """
    if settings["reference"] is None:
        raise ConfigError(
            "reference: a comparison is of two fits of each person; set reference=FILE to a file of other "
            "fits of the same people, in any format"
        )
    for key, plain in {"people": "alone", "motion": "turn"}.items():
        if settings[key] != plain:
            raise ConfigError(
                f"{key}: a comparison is of one person in one photo; expected {plain}, found {settings[key]}"
            )
    users = [spec.mode for spec in specs if MODES.load(spec.mode).needs_values]
    if users:
        raise ConfigError(
            f"panels: {users[0]} shows how far one of two fits is from the other, and a comparison shows "
            f"both; draw it with job=overlay, or choose another mode, such as geo"
        )
    if settings["output"].tar and not specs:
        raise ConfigError(
            f"output.tar: a comparison without panels has no files to be packed; expected 0, found "
            f"{settings['output'].tar}"
        )
    subset = settings["joint_subset"]
    if subset and settings["joint_regressor"] is None:
        raise ConfigError(
            "joint_subset: it names rows of a matrix of joints; set joint_regressor=FILE to one, or leave it "
            "out"
        )
    if len(set(subset)) < len(subset) or not all(0 <= row < MOST_JOINTS for row in subset):
        raise ConfigError(
            f"joint_subset: expected rows of joint_regressor, each once, from 0 to {MOST_JOINTS - 1}, found "
            f"{str(list(subset))[:60]}"
        )
