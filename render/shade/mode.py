"""What a mode is, and which there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from render.registry import Registry

if TYPE_CHECKING:
    import warp as wp

    from render.shade.legend import Legend, Shown


@dataclass(frozen=True)
class Mode:
    """What colour a visible point of a body has.

    Attributes:
        make_shade: Makes the Warp function from a `SurfacePoint` to RGB and coverage, each in 0..1. It
            imports Warp itself, so that the settings of a mode can be checked before Warp is loaded.
        is_label: Pixels are values, so they are never blended or averaged, and lie on black.
        is_exact: Not even a bit may change, so lossy formats are refused.
        needs_charts: It reads `part` and `uv`.
        needs_texture: It reads `texture_rgb`.
        needs_colors: It reads `vertex_rgb`.
        needs_values: It reads `value`.
        needs_light: It reads `rig_normal`, `rig_view`, `sky`, `floor` and `key`.
        needs_edges: It reads `edge_px` and `face_px`.
        centers_on_charts: Views around the bodies centre on the corners of the charts' faces, as the original
            EFT viewer does in this mode; elsewhere on the vertices.
        most_people: How many people of a sheet it can tell apart; None where it need not.
        legend: What its colours mean on a panel; None where they mean nothing that needs to be said.
        version: Raised whenever the mode gives other pixels than before, so that its panels are drawn anew.
    """

    make_shade: Callable[[], wp.Function]
    is_label: bool = False
    is_exact: bool = False
    needs_charts: bool = False
    needs_texture: bool = False
    needs_colors: bool = False
    needs_values: bool = False
    needs_light: bool = False
    needs_edges: bool = False
    centers_on_charts: bool = False
    most_people: int | None = None
    legend: Callable[[Shown], Legend | None] | None = None
    version: int = 1

    @property
    def needs_surface_alone(self) -> bool:
        """Whether all that it reads is of the face in front: nothing of charts, textures, values or light."""
        return not (
            self.needs_charts
            or self.needs_texture
            or self.needs_colors
            or self.needs_values
            or self.needs_light
            or self.needs_edges
        )


MODES: Registry[Mode] = Registry("mode", "smpl_render.modes", "render.shade.modes", "MODE")


def legend_of(mode: str, shown: Shown) -> Legend | None:
    """The legend of a mode; None where it has none, or says nothing of this panel.

    Args:
        mode: The mode's name.
        shown: What is on the panel.

    Raises:
        ConfigError: There is no such mode.
    """
    found = MODES.load(mode).legend
    return None if found is None else found(shown)
