"""What a mode knows of the point that it colours."""

import warp as wp


@wp.struct
class Surface:
    """What is in front at a pixel, as far as the face's corners say it.

    Attributes:
        weight: Perspective-correct barycentric coordinates.
        normal: Interpolated and normalised, in the frame of the view, y down and z away.
        depth: Interpolated.
    """

    weight: wp.vec3f
    normal: wp.vec3f
    depth: wp.float32


@wp.struct
class SurfacePoint:
    """A visible point of a body.

    Attributes:
        normal: Interpolated and normalised, in the view's frame for shading: x right, y up, z towards the
            viewer.
        depth: 0 at the nearest point of the shot's bodies, 1 at the farthest.
        instance: 1, 2, ... within the sheet.
        colour: What the person's colour is chosen by, see `People`.
        edge_px: Distance to the nearest edge of the face, in pixels.
        face_px: The face's least height, in pixels.
        part: Of DensePose's charts; 0 is none.
        uv: Of DensePose's charts.
        texture_rgb: Of the body's texture, 0 to 1, as the picture's file stores it.
        vertex_rgb: Interpolated from the colours of the face's corners, likewise.
        value: Interpolated from the numbers of the face's corners, see `Bodies`, as a share of error_mm.
        rig_normal: The normal in the frame of the studio's lights, see `Light`.
        rig_view: Towards the viewer there.
        sky: Of the light of the sky and
        floor: of the floor, what reaches the point, see `Light`.
        key: The share of the key light that the point sees, see `Light`.
    """

    normal: wp.vec3f
    depth: wp.float32
    instance: wp.int32
    colour: wp.int32
    edge_px: wp.float32
    face_px: wp.float32
    part: wp.int32
    uv: wp.vec2f
    texture_rgb: wp.vec3f
    vertex_rgb: wp.vec3f
    value: wp.float32
    rig_normal: wp.vec3f
    rig_view: wp.vec3f
    sky: wp.float32
    floor: wp.float32
    key: wp.float32
