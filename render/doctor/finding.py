"""What the doctor finds, and what checks tell one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from render.body.fit_bodies import FitBodies
from render.body.model import BodyModel
from render.config.schema import Config
from render.doctor.trial import Trial
from render.run.opening.inputs import Dataset
from render.types.fits import Fits

State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:
        title: Of the check.
        state: `bad` where the run would fail, or make nothing; `warn` where it can start, with a loss.
        text: What was found, and what to do about it.
    """

    title: str
    state: State
    text: str


@dataclass
class Examined:
    """What earlier checks found, for later ones; None where there is nothing.

    Attributes:
        dataset: Opened.
        selected: The fits that `samples` takes.
        fits: Those of them in the shard.
        models: Of the bodies of these fits, on the CPU; none where they cannot be opened.
        bodies: What poses these fits.
        trial: What a few sheets took.
        faults: Titles of what is bad.
    """

    dataset: Dataset | None = None
    selected: Fits | None = None
    fits: Fits | None = None
    models: tuple[BodyModel, ...] = ()
    bodies: FitBodies | None = None
    trial: Trial | None = None
    faults: list[str] = field(default_factory=list)


def rate_loss(config: Config) -> Literal["warn", "bad"]:
    """What it is to lose some sheets."""
    return "bad" if config.on_error == "stop" else "warn"


def format_seconds(seconds: float) -> str:
    """Below a minute as `12 s`, from then on as `h:mm:ss`."""
    whole = round(seconds)
    return f"{seconds:.2g} s" if whole < 60 else f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
