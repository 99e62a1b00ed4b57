"""The light of a studio whose shadows are known, on surfaces of several kinds.

A large warm key light from the upper left, a cool fill from the right, a rim from behind on the right, a cool
sky all around, and a warm floor that sends light up. All of it is linear light until `develop` of
`shade/studio.py`. Where the shares of `Light` come from makes no difference here.
"""

import math

import numpy as np
import warp as wp

from render.compute.kernels import MODULE_OPTIONS
from render.light.directions import KEY_RADIUS_RAD, KEY_WAY
from render.light.grids import smooth_step
from render.shade.studio import develop
from render.shade.surface_point import SurfacePoint

wp.set_module_options(MODULE_OPTIONS)

# In the frame of the rig. Unit lengths.
KEY = wp.constant(wp.vec3f(*(np.array(KEY_WAY) / np.linalg.norm(KEY_WAY)).tolist()))
FILL = wp.constant(wp.vec3f(0.8575, -0.1009, 0.5044))
RIM = wp.constant(wp.vec3f(0.8165, 0.4082, -0.4082))
KEY_RGB = wp.constant(wp.vec3f(1.75, 1.64, 1.49))
FILL_RGB = wp.constant(wp.vec3f(0.08, 0.10, 0.13))
RIM_RGB = wp.constant(wp.vec3f(0.55, 0.60, 0.66))
SKY_RGB = wp.constant(wp.vec3f(0.25, 0.28, 0.33))
FLOOR_RGB = wp.constant(wp.vec3f(0.31, 0.278, 0.24))
# What mirrors show of them: a bright ceiling.
MIRRORED_SKY_RGB = wp.constant(wp.vec3f(0.46, 0.49, 0.53))
MIRRORED_FLOOR_RGB = wp.constant(wp.vec3f(0.27, 0.265, 0.26))
# The sine of half of the angle that the key light takes.
KEY_SINE = wp.constant(math.sin(KEY_RADIUS_RAD))
FILL_WRAP = wp.constant(0.4)
# What is reflected straight on by what is neither metal nor mirror.
MIRROR = wp.constant(0.04)


@wp.func
def clip_disc(cosine: wp.float32, sine: wp.float32) -> wp.float32:
    """The light of a disc of which a horizon hides a part, smooth from where it begins to where it ends.

    Args:
        cosine: Of the angle between the normal and the disc's middle.
        sine: Of half of the angle that the disc takes.
    """
    # A parabola that meets the cosine where all of the disc is above the horizon.
    over = wp.clamp(cosine + sine, 0.0, 2.0 * sine)
    return wp.max(over * over / (4.0 * sine), cosine)


@wp.func
def open_again(open: wp.float32, albedo: wp.float32) -> wp.float32:
    """How much of the light of all around reaches a point, with what surfaces near it send on.

    Jimenez and others, "Practical Realtime Strategies for Accurate Indirect Occlusion", 2016.

    Args:
        open: How much reaches it straight.
        albedo: What these surfaces send back.
    """
    a = 2.0404 * albedo - 0.3324
    b = -4.7951 * albedo + 0.6417
    c = 2.7552 * albedo + 0.6903
    return wp.max(open, ((open * a + b) * open + c) * open)


@wp.func
def open_of(point: SurfacePoint) -> wp.float32:
    """How much of all around a point sees."""
    return wp.clamp(point.sky + point.floor, 0.0, 1.0)


@wp.func
def key_on(point: SurfacePoint) -> wp.float32:
    return point.key * clip_disc(wp.dot(point.rig_normal, KEY), KEY_SINE)


@wp.func
def around_of(point: SurfacePoint) -> wp.vec3f:
    """The light of all but the key, before what surfaces send on."""
    fill = wp.max((wp.dot(point.rig_normal, FILL) + FILL_WRAP) / (1.0 + FILL_WRAP), 0.0)
    return point.sky * SKY_RGB + point.floor * FLOOR_RGB + (fill * open_of(point)) * FILL_RGB


@wp.func
def diffuse_of(point: SurfacePoint, key: wp.vec3f, albedo: wp.vec3f) -> wp.vec3f:
    """What a matte surface sends back.

    Args:
        point: The surface.
        key: Of the key light, what it takes of each colour.
        albedo: What it sends back of each colour.
    """
    around, open = around_of(point), open_of(point)
    light = wp.cw_mul(key, KEY_RGB)
    per = 1.0 / wp.max(open, 1.0e-3)
    return wp.vec3f(
        albedo[0] * (light[0] + around[0] * per * open_again(open, albedo[0])),
        albedo[1] * (light[1] + around[1] * per * open_again(open, albedo[1])),
        albedo[2] * (light[2] + around[2] * per * open_again(open, albedo[2])),
    )


@wp.func
def grazing_of(point: SurfacePoint) -> wp.float32:
    """(1 - n v)^5, by which mirrors gain towards an outline: Schlick, 1994."""
    aside = 1.0 - wp.clamp(wp.dot(point.rig_normal, point.rig_view), 0.0, 1.0)
    return aside * aside * aside * aside * aside


@wp.func
def rim_on(point: SurfacePoint) -> wp.vec3f:
    """The light from behind, along the outline that it meets."""
    aside = 1.0 - wp.clamp(wp.dot(point.rig_normal, point.rig_view), 0.0, 1.0)
    rim = wp.max(wp.dot(point.rig_normal, RIM), 0.0)
    return (rim * aside * aside * open_of(point)) * RIM_RGB


@wp.func
def shine_of(point: SurfacePoint, rough: wp.float32) -> wp.float32:
    """How the key light is mirrored by a surface, 1 at most: a bell of 1 / (1 + x)^2 around its middle.

    Args:
        point: The surface.
        rough: The square of the bell's width, as a tangent.
    """
    half = wp.dot(point.rig_normal, wp.normalize(KEY + point.rig_view))
    cosine = wp.max(half, 1.0e-3)
    width = rough * cosine * cosine
    bell = width / (width + 1.0 - cosine * cosine)
    return bell * bell * point.key * wp.clamp(4.0 * wp.dot(point.rig_normal, KEY), 0.0, 1.0)


@wp.func
def mirror_of(point: SurfacePoint) -> wp.vec3f:
    """What of the sky and the floor is mirrored, without how much of it a surface mirrors."""
    straight = wp.dot(point.rig_normal, point.rig_view)
    up = 2.0 * straight * point.rig_normal[1] - point.rig_view[1]
    # The horizon is soft.
    share = smooth_step(0.5 + 0.8 * up)
    open = open_of(point)
    return (open * open) * wp.lerp(MIRRORED_FLOOR_RGB, MIRRORED_SKY_RGB, share)


@wp.func
def develop_light(light: wp.vec3f) -> wp.vec4f:
    """The colour of linear light, opaque."""
    return wp.vec4f(develop(light[0]), develop(light[1]), develop(light[2]), 1.0)


@wp.func
def clay_of(point: SurfacePoint, albedo: wp.vec3f) -> wp.vec4f:
    """The colour of clay: matte, with a little sheen along outlines."""
    key = key_on(point)
    light = diffuse_of(point, wp.vec3f(key, key, key), albedo)
    light += (0.3 * grazing_of(point)) * mirror_of(point) + 0.25 * rim_on(point)
    return develop_light(light)
