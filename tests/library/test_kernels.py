"""Which kernels draw: what is listed is what runs take, no more modes than theirs and no fewer."""

import pytest
import warp as wp

from render.compute import kernels
from render.library.kernels import (
    Shading,
    list_all_shadings,
    list_kernels,
    list_measuring,
    list_shadings,
)
from render.library.label_renderer import list_drawn
from render.run.kernels.drawn import find_layers
from render.shade.mode import MODES
from tests.helpers.runs import configure, run


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["panels=[camera/geo, side/geo, camera/normal]"], [("geo", 3, False), ("normal", 3, False)]),
        # One transparent panel gives all of the sheet alpha; labels have one sample a pixel.
        (
            ["panels=[camera/geo/transparent, camera/mask]", "supersample=2", "output=png"],
            [("geo", 4, True), ("mask", 4, False)],
        ),
        (["panels=[camera/depth]", "supersample=4", "output=png"], [("depth", 3, None)]),
    ],
)
def test_a_run_has_a_kernel_for_each_of_its_modes(words, expected):
    config = configure("edges=hard", *words)
    found = list_shadings(config.panel_specs(), config.supersample, config.edges)
    expected = [
        (mode, channels, not MODES.load(mode).is_label if samples is None else samples)
        for mode, channels, samples in expected
    ]
    assert [one[:3] for one in found] == expected
    assert not any(one.is_smooth for one in found)


def test_all_shadings_are_those_of_all_modes():
    found = list_all_shadings()
    assert {one.mode for one in found} == set(MODES.names)
    assert {one.channels for one in found if one.mode == "geo"} == {3, 4}
    assert len(set(found)) == len(found)
    labels = [one for one in found if MODES.load(one.mode).is_label]
    assert labels
    assert not any(one.is_supersampled for one in labels)
    assert not any(one.is_smooth for one in labels)
    # With or without alpha, and plain, supersampled or beside smooth edges.
    assert len([one for one in found if one.mode == "geo"]) == 6


def test_smooth_edges_have_kernels_of_their_own():
    config = configure("panels=[camera/geo, camera/mask]", "edges=smooth", "output=png")
    found = list_shadings(config.panel_specs(), config.supersample, config.edges)
    assert found == [Shading("geo", 3, False, True), Shading("mask", 3)]
    # Whoever rasterizes, edge pixels are filled by ours.
    names = set(list_kernels(found, "pytorch3d"))
    assert {
        "geo beside smooth edges",
        "geo smooth edges",
        "mask",
        "snap",
        "find",
        "fill edge pixels",
    } <= names
    config = configure("panels=[camera/geo]", "edges=smooth", "supersample=2")
    found = list_shadings(config.panel_specs(), config.supersample, config.edges)
    assert found == [Shading("geo", 3, True)]


def test_our_rasterizer_is_listed_where_it_is_tried():
    shadings = [Shading("geo", 3, True), Shading("mask", 3, False)]
    ours, theirs = (list(list_kernels(shadings, name)) for name in ("auto", "pytorch3d"))
    assert ours[:3] == ["rasterize", "rasterize supersampled", "snap"]
    assert ours[3:] == theirs
    assert theirs[:2] == ["geo supersampled", "mask"]


@pytest.fixture
def loaded(monkeypatch) -> set[wp.Module]:
    """The modules that are loaded from now on."""
    found: set[wp.Module] = set()
    monkeypatch.setattr(kernels, "_loaded", set())
    load = wp.load_module

    def note(module, device):
        found.add(module)
        load(module, device)

    monkeypatch.setattr(kernels.wp, "load_module", note)
    return found


@pytest.mark.parametrize("edges", ["supersample=2", "edges=smooth"])
def test_a_run_loads_only_what_is_listed(demo, loaded, edges):
    """With several people on a sheet, labels, and more samples than one."""
    words = [*demo, "samples=0:3", "device=cpu", "panels=[camera/geo, camera/mask]", "output=png"]
    words += [edges, "people=together"]
    assert run(*words).rendered > 0
    config = configure(*words)
    shadings = list_shadings(config.panel_specs(), config.supersample, config.edges)
    listed = {make() for make in list_kernels(shadings, config.rasterizer).values()}
    assert loaded
    assert loaded <= listed


@pytest.mark.usefixtures("without_plots")
def test_an_audit_loads_only_what_is_listed(demo, loaded):
    words = [*demo, "samples=0:3", "device=cpu", "job=audit"]
    assert run(*words).rendered > 0
    makes = list_kernels([], "auto", layers=list_drawn(find_layers(configure(*words)))) | list_measuring()
    assert list_measuring()["penetration"]() in loaded
    assert loaded <= {make() for make in makes.values()}


def test_the_ground_has_kernels_of_its_own_where_it_is_drawn():
    shadings = [Shading("geo", 3, False)]
    assert list_kernels(shadings, "auto", True).keys() - list_kernels(shadings, "auto").keys() == {
        "shadows",
        "plane",
    }
    with_shadow = list_kernels(shadings, "auto", has_shadow=True)
    assert with_shadow.keys() - list_kernels(shadings, "auto").keys() == {
        "silhouettes",
        "contacts",
        "catcher",
    }


def test_light_has_kernels_of_its_own_where_a_mode_needs_it():
    shadings = [Shading("clay", 3), Shading("glossstudio", 3)]
    found = list_kernels(shadings, "auto").keys() - list_kernels(shadings[:1], "auto").keys()
    assert found == {"glossstudio", "placed_bodies", "depth_maps", "gather", "smoothing"}


def test_each_device_has_its_own_kernels_that_pose():
    cpu, cuda = (set(list_kernels([], "auto", device_type=device_type)) for device_type in ("cpu", "cuda"))
    assert cpu - cuda == {"skinning abreast", "normals abreast", "bodies abreast", "shapes"}
    assert cuda - cpu == {"skinning", "normals"}
