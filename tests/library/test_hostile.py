"""Every public function refuses what it cannot use, by the name of the parameter, and no kernel crashes."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from render import (
    Fragments,
    RenderError,
    bodies_with_errors,
    build_sheets,
    load_body,
    load_charts,
    load_texture,
    make_bodies,
    make_cameras,
    make_fits,
    pose_bodies,
    rasterize_sheets,
    read_fits,
    shade_sheets,
    write_sheets,
)
from tests.helpers.squares import SQUARE, make_square


def _give_back(tensor, left_bytes=0):
    """The tensor after its memory was resized, as FSDP does it; torch itself crashes on reading it."""
    tensor.untyped_storage().resize_(left_bytes)
    return tensor


with warnings.catch_warnings():
    # That torch will give them up, or is trying them out.
    warnings.simplefilter("ignore")
    RARE = {
        "quantized": torch.quantize_per_tensor(torch.ones(1, 4, 3), 0.1, 0, torch.quint8),
        "nested": torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(1, 3)]),
    }
NO_ARRAYS = RARE | {
    "none": None,
    "complex": np.ones((1, 4, 3), complex),
    "complex tensor": torch.ones(1, 4, 3, dtype=torch.complex64),
    "truth values": np.ones((1, 4, 3), bool),
    "objects": np.full((1, 4, 3), None),
    "strings": np.full((1, 4, 3), "a"),
    "ragged": [[1.0, 2.0], [3.0]],
    "ragged tensors": [torch.ones(2), torch.ones(3)],
    "empty": [],
    "a word": "verts",
    "mapping": {"a": 1},
    "sparse": torch.ones(1, 4, 3).to_sparse(),
    "meta": torch.ones(1, 4, 3, device="meta"),
    "masked": np.ma.array(np.ones((1, 4, 3)), mask=True),
    "a list of masked": [np.ma.array(np.ones((4, 3)), mask=np.eye(4, 3))],
    "masked in lists": [([1.0, 2.0, 3.0], np.ma.array([1.0, 2.0, 3.0], mask=[0, 0, 1]))],
    "a masked number in a list": [[[1.0, np.ma.masked, 2.0]]],
    "memory given back": _give_back(torch.ones(1, 4, 3)),
    "memory given back in part": [_give_back(torch.ones(4, 3), 11 * 4)],
    "dates": np.zeros((1, 4, 3), "datetime64[s]"),
}
NO_TENSORS = {"NumPy": lambda t: t.numpy(), "None": lambda t: None, "sparse": lambda t: t.to_sparse()} | {
    "meta": lambda t: t.to("meta"),
    "complex": lambda t: t.to(torch.complex64),
    "bool": lambda t: t.bool(),
    "another shape": lambda t: t[..., None],
    "memory given back": lambda t: _give_back(t.clone()),
    "memory given back in part": lambda t: _give_back(t.clone(), t.nbytes - 1),
}
NO_WORDS = (5, None, b"a", ["a"], {})


def _sheets():
    return build_sheets(make_square(), ["camera/geo"], size_px=(9, 9))


def _calls(demo_body):
    square = make_square()
    ones = {"cam": np.ones((1, 3)), "bbox_center_px": np.ones((1, 2)), "bbox_scale": np.ones(1)}
    pose = {"pose_rotmat": np.tile(np.eye(3), (1, 24, 1, 1)), "betas": np.zeros((1, 10))}
    sheets = _sheets()
    drawn = {"sheets": sheets, "fragments": rasterize_sheets(sheets)}
    camera = {"rotation": np.eye(3)[None], "translation": [[0, 0, 3]], "focal_px": [9], "center_px": [[5, 5]]}
    return {
        make_bodies: (
            {"verts": SQUARE[0], "faces": SQUARE[1], "colors": np.zeros((4, 3)), "values": np.zeros(4)},
            ("verts", "faces"),
            {
                "up": NO_WORDS,
                # None is none of them.
                "colors": (
                    *(value for value in NO_ARRAYS.values() if value is not None),
                    *(np.full((4, 3), 1.5), np.full((4, 3), -1), np.zeros((3, 3))),
                ),
                "values": (
                    *(value for value in NO_ARRAYS.values() if value is not None),
                    *(np.zeros(3), np.zeros((4, 1))),
                ),
            },
        ),
        bodies_with_errors: (
            {"bodies": square, "reference": square, "align": "none"},
            (),
            {"bodies": (None, "a", [square]), "reference": (None, 5, [square]), "align": NO_WORDS},
        ),
        pose_bodies: (
            {"body": demo_body} | pose,
            tuple(pose),
            {"body": ("a", None, 5), "up": ("x", "Y", *NO_WORDS)},
        ),
        make_fits: (pose | ones, (*pose, *ones), {"image_name": (5, "a", [None], [b"a"])}),
        make_cameras: (camera, tuple(camera), {}),
        load_body: ({}, (), {"path": (5, b"a", [], "a\0b"), "model": NO_WORDS, "name": (5, b"a")}),
        load_charts: ({"path": "a", "body": demo_body}, (), {"path": (5, None, "a\0b"), "body": ("a", None)}),
        load_texture: (
            {"uv": "a", "body": demo_body},
            (),
            {"uv": (5, None, "a\0b"), "body": ("a", None), "picture": (5, [], "a\0b", np.zeros(3))},
        ),
        read_fits: (
            {"fit_format": "eft", "path": "x"},
            (),
            {"fit_format": NO_WORDS, "path": (5, None, b"a", "a\0b")},
        ),
        build_sheets: (
            {"bodies": square, "panels": ["side/geo"], "size_px": (9, 9)},
            (),
            {
                "bodies": (None, "a", 5, [square]),
                "panels": ([None], None, 5, b"side/geo", [b"side/geo"], {}, [[]]),
                "size_px": (
                    5,
                    "ab",
                    (None, 1),
                    (np.nan, 1),
                    (np.inf, 1),
                    (1, 2j),
                    (True, 9),
                    [[1], [2]],
                ),
                "photos": (5, "a", [None], {}, [[1]]),
                "fits": (5, "a", []),
                "cameras": (5, "a", []),
                "charts": (5, "a", []),
                "texture": (5, "a", []),
                "people": (None, [], 5, np.ones(2)),
                "supersample": (None, 1.0, True, "2", np.ones(2), [1]),
                "columns": (True, 1.5, "2", np.ones(2), [1]),
                "frames": (None, True, "2", 1.5, 0, np.ones(2)),
            },
        ),
        rasterize_sheets: ({"sheets": sheets}, (), {"sheets": (None, [], "a"), "rasterizer": NO_WORDS}),
        shade_sheets: (
            drawn,
            (),
            {
                "sheets": (None, []),
                "fragments": (None, [], drawn["fragments"].to_pytorch3d()),
                "edges": (None, 1, "soft", ["smooth"], np.ones(2)),
                "error_mm": (None, "a", np.nan, np.inf, 0, [], 1j, True, np.ones(2)),
                "rays": (None, 1, 16.0, True, "16", [16], np.ones(2)),
                "opacity": (None, "a", np.nan, [], 1j, True, np.ones(2)),
                "annotate": (5, None, "bbox", [None], [[]]),
                "body": (5, "a"),
                "coco": (5, [], {1: 2}),
            },
        ),
        write_sheets: (
            {"sheets": sheets, "pictures": shade_sheets(**drawn), "folder": "out"},
            (),
            {"sheets": (None, []), "pictures": (None, 5, [None], {}), "folder": (None, 5, "a\0b")}
            | {"output": NO_WORDS},
        ),
        Fragments.from_pytorch3d: (
            {"dense": drawn["fragments"].to_pytorch3d(), "face_count": 2},
            (),
            {"dense": (None, [], 5), "face_count": (None, 0, True, 1.5, "a")},
        ),
    }


def test_each_parameter_of_each_function_is_refused_by_name(demo_body, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong = []
    for function, (good, arrays, others) in _calls(demo_body).items():
        cases = [(name, value) for name in arrays for value in NO_ARRAYS.values()]
        cases += [(name, value) for name, values in others.items() for value in values]
        for name, value in cases:
            try:
                function(**good | {name: value})
                wrong.append((function.__name__, name, repr(value)[:60], "taken"))
            except (TypeError, ValueError, RenderError) as error:
                if name not in str(error) or "\n" in str(error):
                    wrong.append((function.__name__, name, repr(value)[:60], str(error)[:150]))
            except Exception as error:
                wrong.append((function.__name__, name, repr(value)[:60], repr(error)[:150]))
    assert wrong == []
    assert list(tmp_path.iterdir()) == []


def _alter(name, demo_body, demo_set):
    charts = load_charts(demo_set.charts_file, demo_body)
    bodies = pose_bodies(demo_body, np.tile(np.eye(3), (1, 24, 1, 1)), np.zeros((1, 10)))
    camera = make_cameras(np.eye(3)[None], [[0, 0, 3]], [9], [[5, 5]])
    painted = replace(
        bodies,
        colors=torch.zeros(bodies.verts.shape, dtype=torch.uint8),
        values=torch.zeros(bodies.verts.shape[:2]),
    )
    texture = load_texture(charts, demo_body, np.zeros((12, 8, 3), np.uint8))
    handed = {"bodies": painted, "charts": charts, "cameras": camera, "texture": texture}
    return handed, handed[name]


# Not read, or may be left out.
TAKEN = [("cameras", "cull", what) for what in NO_TENSORS] + [
    *(("bodies", "colors", "None"), ("bodies", "values", "None"), ("texture", "texels", "None"))
]


@pytest.mark.parametrize("kind", ["bodies", "charts", "cameras", "texture"])
def test_fields_that_users_replaced_are_checked(kind, demo_body, demo_set):
    handed, one = _alter(kind, demo_body, demo_set)
    for field in one.SHAPES:
        for what, alter in NO_TENSORS.items():
            if (kind, field, what) in TAKEN:
                continue
            # Some are refused when they are made, others when they are used.
            with pytest.raises((TypeError, ValueError)) as caught:  # noqa: PT012
                altered = replace(one, **{field: alter(getattr(one, field))})
                build_sheets(panels=["camera/parts"], size_px=(9, 9), **handed | {kind: altered})
            assert field in str(caught.value) or kind in str(caught.value), what


@pytest.mark.parametrize("part", [10**9, -1, 25, 2**31 - 1])
def test_parts_out_of_range_are_refused(part, demo_body, demo_set):
    handed, charts = _alter("charts", demo_body, demo_set)
    bad = charts.part.clone()
    bad[7] = part
    with pytest.raises(
        ValueError, match=rf"charts.part: expected whole numbers from 0 to 24, found .*{part}"
    ):
        build_sheets(handed["bodies"], ["camera/parts"], size_px=(9, 9), charts=replace(charts, part=bad))
    for field in ("uv", "corner_count"):
        worse = replace(charts, **{field: torch.full_like(getattr(charts, field), torch.nan)})
        with pytest.raises(ValueError, match=f"charts.{field}"):
            build_sheets(handed["bodies"], ["camera/uv"], size_px=(9, 9), charts=worse)


def test_parts_may_be_of_any_whole_numbers_and_change_later(demo_body, demo_set):
    handed, charts = _alter("charts", demo_body, demo_set)
    wide = replace(charts, part=charts.part.long())
    given = {"size_px": (32, 24), "panels": ["camera/parts"]}
    expected = build_sheets(handed["bodies"], charts=charts, **given)
    sheets = build_sheets(handed["bodies"], charts=wide, **given)
    wide.part.add_(10**9)
    wide.uv.fill_(torch.nan)
    (found,) = shade_sheets(sheets, rasterize_sheets(sheets))
    (wanted,) = shade_sheets(expected, rasterize_sheets(expected))
    assert (found == wanted).all()


# What a field is called in what is said of its values.
SAID = {"scale": "camera", "focal": "camera", "rotation": "camera rotation", "image_name": "image name"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scale", np.full(1, np.nan)),
        ("scale", np.zeros(1)),
        ("origin", np.full((1, 2), 1j)),
        ("focal", np.full((1, 2), -1.0)),
        ("rotation", np.full((1, 3, 3), 2.0)),
        ("unit", np.array([9])),
        ("source", np.array([1])),
        ("place", np.array([-1])),
        ("sources", ()),
        ("sources", (None,)),
        ("row", np.array([-1])),
        ("row", np.array([2**31])),
        ("image_name", np.array([None], object)),
        ("image_name", np.array(["../a"], object)),
        ("transl_m", torch.zeros(1, 3)),
        ("is_metric", np.array([2])),
    ],
)
def test_fits_that_users_replaced_are_checked(field, value):
    fits = make_fits(
        np.tile(np.eye(3), (1, 24, 1, 1)), np.zeros((1, 10)), np.ones((1, 3)), np.ones((1, 2)), np.ones(1)
    )
    with pytest.raises((TypeError, ValueError), match="fits.*" + SAID.get(field, field)):
        build_sheets(make_square(), ["side/geo"], size_px=(9, 9), fits=replace(fits, **{field: value}))


@pytest.mark.parametrize("field", ["pixel", "shot"])
@pytest.mark.parametrize("shift", [10**6, -(10**6)])
def test_fragments_outside_of_their_shots_are_no_pictures(field, shift):
    fragments = rasterize_sheets(_sheets())
    with pytest.raises(ValueError, match=field):
        replace(fragments, **{field: getattr(fragments, field) + shift}).to_pytorch3d()


@pytest.mark.parametrize("dtype", [">f8", ">f4", ">i4", "f2", "longdouble", "u2"])
def test_arrays_may_lie_in_memory_in_any_way(dtype):
    verts = np.array(SQUARE[0], dtype)
    assert make_bodies(verts, SQUARE[1]).verts.tolist() == SQUARE[0]
    assert make_bodies(verts[:, ::-1][:, ::-1], SQUARE[1]).verts.tolist() == SQUARE[0]
    assert make_bodies(np.asfortranarray(verts), SQUARE[1]).verts.tolist() == SQUARE[0]


@pytest.mark.parametrize("where", ["render.library.given.checks", "render.rasterize.project"])
def test_placements_times_vertices_are_bounded(where, monkeypatch):
    """Four vertices and two faces on two panels are eight vertices, and twelve corners."""
    monkeypatch.setattr(f"{where}.MOST_INDICES", 7)
    with pytest.raises(ValueError, match=r"pass fewer at a time|32-bit indices: split the batch"):
        build_sheets(make_square(), ["side/geo", "camera/geo"], size_px=(6, 6))
