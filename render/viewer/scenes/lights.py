"""The light of a scene, like the studio that bodies are drawn in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import viser


class _Lamp(NamedTuple):
    """A light that is as far off as the sun.

    Attributes:
        name: In the scene.
        toward: Where it stands: x right, y down, z away from the photo's camera.
        rgb: Of the light.
        intensity: Of the light.
    """

    name: str
    toward: tuple[float, float, float]
    rgb: tuple[int, int, int]
    intensity: float


# A warm key from the upper left in front, a cool fill from the right, and one from behind for whoever walks
# around the body; they stand still, as the photo does.
_LAMPS = (
    _Lamp("key", (-0.55, -0.62, -0.56), (255, 246, 235), 2.3),
    _Lamp("fill", (0.86, 0.1, -0.5), (226, 236, 255), 0.7),
    _Lamp("back", (0.5, -0.55, 0.67), (240, 246, 255), 1.5),
)
_SKY_RGB, _FLOOR_RGB, _AROUND = (246, 249, 255), (200, 190, 178), 1.25


def light_scene(server: viser.ViserServer, *, is_plain: bool) -> None:
    """Lights a scene, in the place of the library's own light, which is from above.

    Args:
        server: Whose scene it is.
        is_plain: Whether all is to have the same light from all sides.
    """
    scene = server.scene
    scene.configure_default_lights(False)
    scene.configure_environment_map(None)
    if is_plain:
        scene.add_light_ambient("/light", intensity=2.0)
        return
    # Its sky is where the node has its y.
    scene.add_light_hemisphere(
        "/light/around",
        sky_color=_SKY_RGB,
        ground_color=_FLOOR_RGB,
        intensity=_AROUND,
        position=(0.0, -1.0, 0.0),
    )
    for lamp in _LAMPS:
        x, y, z = (100 * value for value in lamp.toward)
        scene.add_light_directional(
            f"/light/{lamp.name}", color=lamp.rgb, intensity=lamp.intensity, position=(x, y, z)
        )
