"""Shots: what is projected and rasterized once, however many panels show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from render.shade.mode import MODES
from render.sheet.view import VIEWS, View
from render.types.sheets import Panel, Sheet, Viewpoint, Window


@dataclass(frozen=True)
class Shot:
    """The people of a sheet as a camera sees them, on pixels of its own.

    Attributes:
        sheet: Index of the sheet.
        viewpoint: From where it looks.
        size_px: Width and height.
        sample_bits: b for 2^b x 2^b samples a pixel.
        centers_on_charts: As the mode of its panels has it, where that moves the camera.
        panels: What shows it, in the order of their modes: its layers.
        person: The only person of the sheet who is there, counted from 0; None for all.
        window: The part of its view that is on these pixels; None for all of it.
    """

    sheet: int
    viewpoint: Viewpoint
    size_px: tuple[int, int]
    sample_bits: int
    centers_on_charts: bool
    panels: tuple[Panel, ...]
    person: int | None = None
    window: Window | None = None

    @property
    def view_px(self) -> tuple[int, int]:
        """Width and height that its view is framed for."""
        return self.size_px if self.window is None else self.window.view_px

    @property
    def view(self) -> View:
        """Its view."""
        return VIEWS.load(self.viewpoint.name)

    @property
    def leaves_photo(self) -> bool:
        """Whether its camera is on the way from the photo, or still there."""
        return self.viewpoint.from_photo < 1

    @property
    def can_be_smooth(self) -> bool:
        """Whether a layer can have smooth edges: with more samples edges are as those have them."""
        return self.sample_bits == 0 and not all(MODES.load(mode).is_label for mode in self.modes)

    @cached_property
    def modes(self) -> tuple[str, ...]:
        """The modes of its layers."""
        return tuple(panel.mode for panel in self.panels)


def list_shots(sheets: list[Sheet], supersample: int, is_fitted: bool) -> list[Shot]:
    """The shots of sheets, those whose layers have the same modes side by side.

    Panels of a sheet share a shot if they have the same view and part of it, size and number of samples:
    labels have one sample a pixel, at its centre, which is none of those that colours have more of.

    Args:
        sheets: Of a batch.
        supersample: n for n x n samples a pixel, 1, 2 or 4, of panels that hold no labels.
        is_fitted: Whether views around the bodies are fitted to what is there.
    """
    shots = [
        Shot(i, *key[:4], panels, window=key[4])
        for i, sheet in enumerate(sheets)
        for key, panels in share_shots(sheet.panels, supersample, is_fitted)
    ]
    # Chunks are of one list of modes, for each mode has a kernel of its own.
    return sorted(shots, key=lambda shot: shot.modes)


# Most sheets of a run are laid out alike.
@lru_cache(maxsize=1000)
def share_shots(
    panels: tuple[Panel, ...], supersample: int, is_fitted: bool
) -> list[tuple[tuple[Viewpoint, tuple[int, int], int, bool, Window | None], tuple[Panel, ...]]]:
    """The shots of the panels of a sheet: what panels share, and the panels in the order of their modes.

    It takes what `list_shots` does. What it returns is that of others too, and must not be changed.
    """
    shared: dict[tuple[Viewpoint, tuple[int, int], int, bool, Window | None], list[Panel]] = {}
    for panel in panels:
        mode, view = MODES.load(panel.mode), VIEWS.load(panel.viewpoint.name)
        # 1, 2, 4 to 0, 1, 2: kernels shift instead of multiplying.
        bits = 0 if mode.is_label else supersample.bit_length() - 1
        centers = mode.centers_on_charts and not view.over_photo and not is_fitted
        key = (panel.viewpoint, (panel.rect.w, panel.rect.h), bits, centers, panel.window)
        shared.setdefault(key, []).append(panel)
    return [(key, tuple(sorted(of, key=lambda panel: panel.mode))) for key, of in shared.items()]


def add_lone_shots(shots: list[Shot], sheets: list[Sheet]) -> list[Shot]:
    """These shots, and each person by himself in each of those that show several; no panel shows that.

    Args:
        shots: Of a batch.
        sheets: Of the batch.
    """
    lone = [
        replace(shot, panels=(), person=person)
        for shot in shots
        if len(sheets[shot.sheet].fits) > 1
        for person in range(len(sheets[shot.sheet].fits))
    ]
    return [*shots, *lone]
