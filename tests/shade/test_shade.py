"""The resolve kernel against numpy twins of the modes, and what it leaves alone."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from render.rasterize.backends.warp import Rasterizer
from render.rasterize.buffer import allocate_visibility
from render.rasterize.buffer_layout import ShotRows, lay_out
from render.rasterize.kernel_views import view_scene
from render.rasterize.project import project
from render.shade.colour_maps import DEPTHS_RGB, ERRORS_RGB
from render.shade.mode import MODES
from render.shade.palettes import CLAYS_RGB, PARTS_RGB
from render.shade.resolve import Layer, Resolver
from render.types.bodies import Bodies, Charts, TextureMap
from render.types.buffer import Canvas, Visibility
from render.types.placements import Cameras, People, Placements
from tests.helpers import lit
from tests.helpers.drawing import face_picture, make_placements
from tests.helpers.painting import make_colors, make_texels, make_values, sample_bilinear

HEIGHT, WIDTH = 64, 80
INSTANCE, ROW = 3, 12
ERROR_MM = 100.0


def grey(normal: np.ndarray) -> np.ndarray:
    z = normal[:, 2]
    return np.clip(z + 0.2 * np.maximum(0, 1 - 2 * z * z) ** 16, 0, 1)


def grey3(value: np.ndarray) -> np.ndarray:
    return np.repeat(np.asarray(value)[:, None], 3, 1)


def iuv_bytes(s: dict) -> np.ndarray:
    u, v = np.minimum(255 * s["uv"], 255).astype(np.uint8).T
    return np.stack([v, u, s["part"]], 1) / 255


def part_colours(s: dict) -> np.ndarray:
    return np.array(PARTS_RGB)[s["part"]]


def errors(s: dict) -> np.ndarray:
    """The map's colour, and up to a tenth less of it where the surface turns from a light."""
    light = np.array([-0.35, 0.45, 0.82])
    lost = 0.1 * (1 - np.clip(s["normal"] @ light, 0, 1))
    return (1 - lost)[:, None] * read_map(ERRORS_RGB, s["value"] / ERROR_MM)


def read_map(knots: tuple, share: np.ndarray) -> np.ndarray:
    places = np.linspace(0, 1, len(knots))
    return np.stack([np.interp(share, places, channel) for channel in np.transpose(knots)], 1)


def chequer(s: dict) -> np.ndarray:
    parity = np.floor(8 * s["uv"]).sum(1) % 2
    light = (0.4 + 0.6 * grey(s["normal"])) * (1 - 0.45 * parity)
    return light[:, None] * np.column_stack([0.25 + 0.75 * s["uv"], np.full(len(parity), 0.6)])


def wires(s: dict) -> np.ndarray:
    line = (np.clip(1.2 - s["edge"], 0, 1) * np.minimum(s["face_height"] / 5, 1))[:, None]
    return (1 - line) * grey3(0.35 + 0.65 * grey(s["normal"])) + line * [0.05, 0.2, 0.45]


def studio(normal: np.ndarray, albedo: list[float]) -> np.ndarray:
    """Linear light of three lamps, a sky and a floor, darker towards outlines, then a curve."""
    key, fill, kick, half = (
        normal @ np.array(way) / np.linalg.norm(way)
        for way in ([-55, 62, 56], [85, -10, 50], [92, 20, -25], [-55, 62, 156.5])
    )
    key, fill = np.maximum(key + 0.25, 0) / 1.25, np.maximum(fill + 0.3, 0) / 1.3
    outline, up = 1 - np.clip(normal[:, 2], 0, 1), (1 + normal[:, 1]) / 2
    light = np.outer(1.6 * key**2 - 0.6 * key**3, [1.65, 1.576, 1.477]) + np.outer(fill, [0.122, 0.148, 0.17])
    light += np.outer(up, [0.238, 0.259, 0.286]) + np.outer(1 - up, [0.14, 0.122, 0.105])
    light *= (1 - 0.55 * outline**2)[:, None]
    light += np.outer(outline * np.maximum(kick, 0) ** 2, [0.808, 0.893, 0.95])
    light = light * albedo + 0.1 * np.maximum(half, 0)[:, None] ** 16
    return np.sqrt(light * (1 + 0.15 * light) / (1 + 0.6 * light))


def painted(normal: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """Studio light on a paint, of whose light 80 % comes back where it is white."""
    return studio(normal, 0.8 * rgb**2)


# Of the surface at covered pixels: normal, depth (0 near, 1 far), part, uv, edge and face_height in pixels,
# the colours of the texture and of the vertices there, and the shares of the studio's light.
TWINS = {
    "geo": lambda s: grey3(grey(s["normal"])),
    # The sixth colour of seven, for row 12.
    "colorgeo": lambda s: grey3(grey(s["normal"])) * [0.84, 0.37, 0.00],
    "clay": lambda s: studio(s["normal"], [0.69, 0.635, 0.575]),
    # Of the palette as the picture shows it, in linear light.
    "colorclay": lambda s: studio(s["normal"], np.square(CLAYS_RGB[ROW % len(CLAYS_RGB)])),
    "normal": lambda s: (s["normal"] + 1) / 2,
    "densepose": lambda s: np.column_stack([s["uv"], s["part"] / 100]),
    "iuv": iuv_bytes,
    "parts": part_colours,
    "error": errors,
    "colordepth": lambda s: read_map(DEPTHS_RGB, s["depth"]),
    # The third colour, for instance 3.
    "colormask": lambda s: np.tile([0.00, 0.62, 0.45], (len(s["part"]), 1)),
    "depth": lambda s: grey3(1 - 0.8 * s["depth"]),
    "mask": lambda s: grey3(np.full(len(s["part"]), INSTANCE / 255)),
    "silhouette": lambda s: np.zeros((len(s["part"]), 3)),
    "wireframe": wires,
    "uv": chequer,
    "texture": lambda s: painted(s["normal"], s["texel"]),
    "vertexcolor": lambda s: painted(s["normal"], s["colour"]),
    "studio": lambda s: lit.clay(lit.Lit(s["normal"], s["shares"]), lit.CLAY),
    "colorstudio": lambda s: lit.clay(
        lit.Lit(s["normal"], s["shares"]), np.square(CLAYS_RGB[ROW % len(CLAYS_RGB)])
    ),
    "skinstudio": lambda s: lit.skin(lit.Lit(s["normal"], s["shares"])),
    "glossstudio": lambda s: lit.gloss(lit.Lit(s["normal"], s["shares"])),
}


def make_sphere() -> tuple[np.ndarray, np.ndarray]:
    """Unit sphere: vertices, which are their own normals, and faces with the outside to the outside."""
    u, v = np.meshgrid(np.linspace(0.01, np.pi - 0.01, 20), np.linspace(0, 2 * np.pi, 41)[:-1], indexing="ij")
    verts = np.stack([np.sin(u) * np.cos(v), np.cos(u), np.sin(u) * np.sin(v)], 2).reshape(-1, 3)
    i, j = (n.ravel() for n in np.meshgrid(np.arange(19), np.arange(40), indexing="ij"))
    a, b, c, d = 40 * i + j, 40 * i + (j + 1) % 40, 40 * (i + 1) + j, 40 * (i + 1) + (j + 1) % 40
    return verts, np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])


def blank_canvas(
    colour: tuple[int, ...], sizes: list[tuple[int, int]]
) -> tuple[Canvas, list[tuple[int, int]]]:
    """Shots side by side on one sheet HEIGHT tall, and their sizes."""
    channels, width = len(colour), sum(w for w, _ in sizes)
    left = np.cumsum([0] + [w for w, _ in sizes])[:-1]
    canvas = Canvas(
        pixels=torch.tensor(colour, dtype=torch.uint8).repeat(HEIGHT * width),
        channels=channels,
        layer_start=torch.from_numpy(left * channels)[None],
        layer_stride=torch.full((len(sizes),), width * channels, dtype=torch.int32),
    )
    return canvas, sizes


def make_charts(faces: np.ndarray, vert_count: int) -> Charts:
    rng = np.random.default_rng(3)
    part = rng.integers(0, 25, len(faces))
    uv = rng.uniform(0, 1, (len(faces), 3, 2))
    return Charts(
        torch.from_numpy(part.astype(np.int32)),
        torch.from_numpy(uv.astype(np.float32)),
        torch.ones(vert_count, dtype=torch.float64),
    )


def make_texture_map(faces: np.ndarray) -> TextureMap:
    """Corners anywhere, also somewhat beyond the picture."""
    uv = np.random.default_rng(4).uniform(-0.2, 1.2, (len(faces), 3, 2))
    return TextureMap(torch.from_numpy(uv.astype(np.float32)), torch.from_numpy(make_texels(20, 30)))


def shade(
    mode: str,
    placements: Placements,
    unit: np.ndarray,
    blank: tuple[Canvas, list[tuple[int, int]]],
    opacity: float = 1.0,
    bits: int = 0,
    shots: range | None = None,
) -> np.ndarray:
    """Draws spheres in `mode` on a blank canvas; returns the sheet."""
    canvas, sizes = blank
    count = len(placements.verts)
    normals = torch.from_numpy(unit).float().repeat(count, 1, 1)
    colors = torch.from_numpy(make_colors(unit)).expand(count, -1, -1)
    values = torch.from_numpy(make_values(unit)).repeat(count, 1)
    bodies = Bodies(normals, normals, torch.zeros(count, 1, 3), placements.faces, colors, values)
    people = People(
        torch.full((count,), INSTANCE, dtype=torch.int32), torch.full((count,), ROW, dtype=torch.int32)
    )
    rows = ShotRows(
        np.array(sizes), np.full(len(sizes), bits), placements.shot.numpy(), len(placements.faces)
    )
    layout = lay_out(placements, rows)
    charts = make_charts(placements.faces.numpy(), placements.verts.shape[1])
    texture = make_texture_map(placements.faces.numpy())
    light = lit.make_light(unit, count)
    scene = view_scene(bodies, charts, placements, people, texture, light, most_value=ERROR_MM)
    resolver = Resolver(scene, layout, canvas, opacity)
    # In chunks of a few rows, as large shots are drawn.
    for chunk in rows.split(shots or range(len(sizes)), 1, 5 * WIDTH * 4**bits):
        visibility = allocate_visibility(chunk, torch.device("cpu"))
        Rasterizer(placements, layout).open(bits > 0, visibility.keys)(chunk)
        resolver.open(Layer(0, mode), bits > 0, visibility.keys)(chunk)
        assert (visibility.keys == Visibility.EMPTY).all()
    return canvas.pixels.view(HEIGHT, -1, canvas.channels).numpy()


def place_sphere(bits: int = 0) -> tuple[np.ndarray, np.ndarray, Placements]:
    """One turned sphere: its unit vertices, the turn, the placement with 2^bits samples a side."""
    unit, faces = make_sphere()
    turn = Rotation.from_euler("xyz", [20, 30, 40], degrees=True).as_matrix()
    verts = (unit @ turn.T * 28 + [40, 30, 100]) * [2**bits, 2**bits, 1]
    placements = make_placements(verts[None], faces, cull=True)
    placements.rotation[0] = torch.from_numpy(turn)
    return unit, turn, placements


def surface(unit: np.ndarray, turn: np.ndarray, placements: Placements) -> tuple[dict, np.ndarray]:
    """What the twins take, at each covered pixel, and where those are, (P, 2) y, x."""
    _, fragments, at = face_picture(placements, (HEIGHT, WIDTH))
    bary = fragments.bary.numpy().astype(np.float64)
    face = placements.faces.numpy()[fragments.face.numpy()]
    normal = (unit[face] * bary[:, :, None]).sum(1) @ turn.T
    charts = make_charts(placements.faces.numpy(), len(unit))
    corner = placements.verts[0, :, :2].numpy().astype(np.float64)[face]
    side = np.roll(corner, -2, 1) - np.roll(corner, -1, 1)
    ab, ac = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = np.abs(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0])
    height = area[:, None] / np.linalg.norm(side, axis=2)
    z = placements.verts[0, :, 2].numpy()
    texture = make_texture_map(placements.faces.numpy())
    texture_uv = (texture.uv.numpy()[fragments.face.numpy()] * bary[:, :, None]).sum(1)
    values = {
        "texel": sample_bilinear(texture.texels.numpy(), texture_uv),
        "shares": (lit.make_shares(unit)[face] * bary[:, :, None]).sum(1),
        "value": (make_values(unit)[face] * bary).sum(1),
        "colour": (make_colors(unit)[face] / 255 * bary[:, :, None]).sum(1),
        "normal": normal / np.linalg.norm(normal, axis=1, keepdims=True) * [1, -1, -1],
        "depth": (fragments.depth.numpy() - z.min()) / (z.max() - z.min()),
        "part": charts.part.numpy()[fragments.face.numpy()],
        "uv": (charts.uv.numpy()[fragments.face.numpy()] * bary[:, :, None]).sum(1),
        "edge": (bary * height).min(1),
        "face_height": height.min(1),
    }
    return values, at


@pytest.mark.parametrize("mode", MODES.names)
def test_agrees_with_numpy(mode):
    unit, turn, placements = place_sphere()
    picture = shade(mode, placements, unit, blank_canvas((7, 8, 9), [(WIDTH, HEIGHT)]))
    values, at = surface(unit, turn, placements)
    expected = np.tile(np.array([7, 8, 9]), (HEIGHT, WIDTH, 1))
    has_chart = values["part"] > 0
    drawn = has_chart if MODES.load(mode).needs_charts else np.ones(len(at), bool)
    colour = np.round(255 * np.clip(TWINS[mode](values), 0, 1))
    expected[at[drawn, 0], at[drawn, 1]] = colour[drawn]
    assert drawn.sum() > 2000
    # A square's border may fall on the other side of a pixel's centre in float32.
    error = np.abs(picture.astype(int) - expected).max(2)
    assert (error <= 1).mean() >= (0.999 if mode == "uv" else 1.0)


def test_every_mode_has_a_twin():
    assert set(TWINS) == set(MODES.names)


def test_opacity_blends_with_what_is_below():
    unit, _, placements = place_sphere()
    opaque = shade("normal", placements, unit, blank_canvas((10, 100, 200), [(WIDTH, HEIGHT)])).astype(int)
    half = shade("normal", placements, unit, blank_canvas((10, 100, 200), [(WIDTH, HEIGHT)]), opacity=0.7)
    np.testing.assert_allclose(half, 0.7 * opaque + 0.3 * np.array([10, 100, 200]), atol=1)


def test_opacity_shows_the_front_most_surface_only():
    """A second sphere behind the first leaves no trace."""
    unit, faces = make_sphere()
    near, far = unit * 28 + [40, 30, 100], unit * 20 + [40, 30, 300]
    blank = blank_canvas((255, 255, 255), [(WIDTH, HEIGHT)])
    alone = shade("geo", make_placements(near[None], faces, cull=True), unit, blank, opacity=0.5)
    blank = blank_canvas((255, 255, 255), [(WIDTH, HEIGHT)])
    both = shade("geo", make_placements(np.stack([near, far]), faces, cull=True), unit, blank, opacity=0.5)
    np.testing.assert_array_equal(alone, both)


@pytest.mark.parametrize("mode", [mode for mode in MODES.names if MODES.load(mode).is_label])
def test_labels_are_never_blended(mode):
    unit, _, placements = place_sphere()
    pictures = [
        shade(mode, placements, unit, blank_canvas((0, 0, 0), [(WIDTH, HEIGHT)]), opacity)
        for opacity in (0.3, 1.0)
    ]
    np.testing.assert_array_equal(*pictures)


def test_transparent_sheets_have_straight_alpha():
    unit, _, placements = place_sphere()
    solid = shade("normal", placements, unit, blank_canvas((0, 0, 0), [(WIDTH, HEIGHT)]))
    clear = shade("normal", placements, unit, blank_canvas((0, 0, 0, 0), [(WIDTH, HEIGHT)]), opacity=0.5)
    covered = clear[:, :, 3] > 0
    assert set(np.unique(clear[:, :, 3])) == {0, 128}
    np.testing.assert_array_equal(clear[covered][:, :3], solid[covered])


@pytest.mark.parametrize("bits", [1, 2])
def test_supersampling_averages_the_samples(bits):
    """Against the picture drawn large and averaged."""
    unit, turn, placements = place_sphere(bits)
    picture = shade("geo", placements, unit, blank_canvas((200, 100, 0), [(WIDTH, HEIGHT)]), bits=bits)
    n = 2**bits
    _, fragments, at = face_picture(placements, (HEIGHT * n, WIDTH * n))
    corners = unit[placements.faces.numpy()[fragments.face.numpy()]]
    normal = (corners * fragments.bary.numpy()[:, :, None]).sum(1) @ turn.T
    large = np.tile(np.array([200.0, 100, 0]), (HEIGHT * n, WIDTH * n, 1))
    normal = normal / np.linalg.norm(normal, axis=1, keepdims=True) * [1, -1, -1]
    large[at[:, 0], at[:, 1]] = 255 * grey3(grey(normal))
    expected = large.reshape(HEIGHT, n, WIDTH, n, 3).mean((1, 3))
    np.testing.assert_allclose(picture, expected, atol=1)


def test_edges_have_no_fringe():
    """An edge pixel of a supersampled body lies between the body and what is behind it, in each channel."""
    unit, _, placements = place_sphere(2)
    picture = shade("silhouette", placements, unit, blank_canvas((250, 120, 40), [(WIDTH, HEIGHT)]), bits=2)
    share = picture / np.array([250, 120, 40])
    assert (np.abs(share - share[:, :, :1]) < 0.03).all()
    assert ((share[:, :, 0] > 0.1) & (share[:, :, 0] < 0.9)).sum() > 50


def test_two_shots_of_one_sheet_do_not_touch():
    unit, faces = make_sphere()
    placements = make_placements(np.stack([unit * 40 + [20, 20, 100]] * 2), faces, shot=[0, 1], cull=True)
    sizes = [(40, 40), (40, 40)]
    both = shade("normal", placements, unit, blank_canvas((0, 0, 0), sizes))
    first = shade("normal", placements, unit, blank_canvas((0, 0, 0), sizes), shots=range(1))
    np.testing.assert_array_equal(both[:, :40], first[:, :40])
    np.testing.assert_array_equal(both[:, :40], both[:, 40:])
    assert (first[:, 40:] == 0).all()
    assert (both[40:] == 0).all()


def test_perspective_normals_are_perspective_correct():
    """A tilted square whose normals differ along its depth: half the depth is not half the picture."""
    verts = torch.tensor([[[-2.0, -1, 2], [2, -1, 2], [-4, 2, 8], [4, 2, 8]]])
    faces = torch.tensor([[0, 1, 2], [1, 3, 2]], dtype=torch.int32)
    normals = np.array([[0, 0, -1], [0, 0, -1], [0, -1, 0], [0, -1, 0]], float)
    eye, first = torch.eye(3)[None], torch.zeros(1, dtype=torch.int32)
    cameras = Cameras(
        eye, torch.zeros(1, 3), torch.tensor([30.0]), torch.tensor([[40.0, 32.0]]), eye, first, torch.zeros(1)
    )
    bodies = Bodies(verts, torch.zeros_like(verts), torch.zeros(1, 1, 3), faces)
    picture = shade(
        "normal", project(bodies, cameras, first, first, first), normals, blank_canvas((0, 0, 0), [(80, 64)])
    )
    # The plane is z = 4 + 2 y; a row's ray y = z * v meets it at z = 4 / (1 - 2 v).
    rows = np.array([20, 30, 36])
    share = (4 / (1 - 2 * (rows + 0.5 - 32) / 30) - 2) / 6
    up = share / np.hypot(share, 1 - share)
    np.testing.assert_allclose(picture[rows, 40, 1], 127.5 * (up + 1), atol=1.5)


def test_wires_are_as_wide_with_more_samples():
    unit, _, single = place_sphere()
    _, _, many = place_sphere(2)
    blank = [blank_canvas((255, 255, 255), [(WIDTH, HEIGHT)]) for _ in range(2)]
    pictures = [
        shade("wireframe", single, unit, blank[0]).astype(float),
        shade("wireframe", many, unit, blank[1], bits=2).astype(float),
    ]
    middle = [picture[20:40, 30:50].mean() for picture in pictures]
    assert middle[0] == pytest.approx(middle[1], rel=0.05)
