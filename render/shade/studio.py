"""The light of a studio on matte bodies, that several modes are made of.

A warm key light from the upper left in front, a weak cool fill from the right, a sky and a floor, and a cool
light from behind on the right that draws that side's outline. Towards their outlines bodies grow darker, so
that they stand out on white too. All of it is linear light until the last step.
"""

import warp as wp

from render.compute.kernels import MODULE_OPTIONS

wp.set_module_options(MODULE_OPTIONS)

# Where lights stand: x right, y up, z towards the viewer, as normals have them. Unit lengths.
KEY = wp.constant(wp.vec3f(-0.5498, 0.6198, 0.5598))
FILL = wp.constant(wp.vec3f(0.8575, -0.1009, 0.5044))
KICK = wp.constant(wp.vec3f(0.9445, 0.2053, -0.2567))
# Between the key and the viewer, where its soft gloss is seen.
HALF = wp.constant(wp.vec3f(-0.3113, 0.3509, 0.8831))
KEY_RGB = wp.constant(wp.vec3f(1.650, 1.576, 1.477))
FILL_RGB = wp.constant(wp.vec3f(0.122, 0.148, 0.170))
KICK_RGB = wp.constant(wp.vec3f(0.808, 0.893, 0.950))
SKY_RGB = wp.constant(wp.vec3f(0.238, 0.259, 0.286))
FLOOR_RGB = wp.constant(wp.vec3f(0.140, 0.122, 0.105))
# How far the key and the fill reach around a body, as the cosine where they end.
KEY_WRAP = wp.constant(0.25)
FILL_WRAP = wp.constant(0.3)
# What is lost of the light at an outline.
OUTLINE = wp.constant(0.55)
GLOSS = wp.constant(0.1)
# What the whitest paint reflects, as on a wall: all of it would burn out in the key light.
WHITE = wp.constant(0.8)


@wp.func
def develop(light: wp.float32) -> wp.float32:
    """Linear light to a display value: whites bend before they burn, and the root is the display's curve."""
    # Not sRGB's own power, which rounds in another way on each device; a root and a quotient do not.
    return wp.sqrt(light * (1.0 + 0.15 * light) / (1.0 + 0.6 * light))


@wp.func
def studio_of(normal: wp.vec3f, albedo: wp.vec3f) -> wp.vec3f:
    """The colour of a matte surface in the studio's light.

    Interpolated normals may turn away from the viewer at an outline: there, too, all is smooth.

    Args:
        normal: As `SurfacePoint` has it.
        albedo: What the surface reflects of each colour, linear.
    """
    # Squared on the whole, for a soft border of the shadow.
    key = wp.max((wp.dot(normal, KEY) + KEY_WRAP) / (1.0 + KEY_WRAP), 0.0)
    key = key * key * (1.6 - 0.6 * key)
    fill = wp.max((wp.dot(normal, FILL) + FILL_WRAP) / (1.0 + FILL_WRAP), 0.0)
    outline = 1.0 - wp.clamp(normal[2], 0.0, 1.0)
    kick = wp.max(wp.dot(normal, KICK), 0.0)
    light = key * KEY_RGB + fill * FILL_RGB + wp.lerp(FLOOR_RGB, SKY_RGB, 0.5 + 0.5 * normal[1])
    light = light * (1.0 - OUTLINE * outline * outline) + (kick * kick * outline) * KICK_RGB
    gloss = wp.max(wp.dot(normal, HALF), 0.0)
    gloss2 = gloss * gloss
    gloss4 = gloss2 * gloss2
    gloss8 = gloss4 * gloss4
    shine = GLOSS * gloss8 * gloss8
    return wp.vec3f(
        develop(light[0] * albedo[0] + shine),
        develop(light[1] * albedo[1] + shine),
        develop(light[2] * albedo[2] + shine),
    )


@wp.func
def studio_on(normal: wp.vec3f, rgb: wp.vec3f) -> wp.vec3f:
    """The colour of a painted surface in the studio's light.

    Args:
        normal: As `SurfacePoint` has it.
        rgb: Of the paint, a display value.
    """
    # The inverse of the display's curve.
    return studio_of(normal, WHITE * wp.cw_mul(rgb, rgb))
