"""Batches stay within what memory holds."""

from dataclasses import replace
from functools import partial
from itertools import product

from render.body.fit_bodies import TopologyKey
from render.labels.layer import parse_layers
from render.run.batches import MOST_COUNTED, BatchLimit, BodyCost, Load, gather_batches, weigh_layers
from render.run.batches import weigh_sheet as weigh
from render.sheet.layout import lay_out_sheet
from render.sheet.panels import parse_panel
from render.sheet.shots import list_shots
from render.types.sheets import Sheet

GEO = (parse_panel("orbit/geo"),)
# Of SMPL.
BODY = BodyCost(vert_count=6890, face_count=13776)


def weigh_sheet(sheet: Sheet) -> Load:
    return weigh(sheet, BODY)


def make_sheet(height: int, width: int, people: int = 1, frames: int = 1, samples: int = 1) -> Sheet:
    return lay_out_sheet(
        "a", None, (height, width), GEO, tuple(range(people)), columns=1, frames=frames, samples=samples
    )


def find_topology(_: Sheet) -> tuple[TopologyKey, BodyCost]:
    return (0,), BODY


def gather(images: list[list[Sheet]], most_sheets: int = 4096, most_bytes: int = 10**12) -> list[int]:
    limit = BatchLimit(most_sheets, most_bytes)
    return [len(batch) for batch, _ in gather_batches(images, limit, find_topology, weigh)]


def test_batches_are_bounded_by_count_and_by_weight():
    small = [[make_sheet(100, 100)]] * 10
    weight = weigh_sheet(small[0][0]).bytes
    assert gather(small, most_sheets=4) == [4, 4, 2]
    assert gather(small, most_bytes=3 * weight) == [3, 3, 3, 1]
    assert gather(small, most_bytes=3 * weight - 1) == [2, 2, 2, 2, 2]


def test_pixels_photos_and_bodies_weigh():
    large, small = (weigh_sheet(make_sheet(height, 1000)) for height in (1000, 500))
    assert large.bytes - small.bytes == 3 * 500_000
    turning = make_sheet(16, 16, frames=900)
    assert weigh_sheet(turning).faces == 900 * 13776
    assert weigh_sheet(turning).bytes >= 900 * 6890 * 16
    crop = (parse_panel("crop:1/geo"),)
    of_large, of_small = (
        lay_out_sheet("a", None, hw, crop, (0,), columns=1) for hw in ((4000, 6000), (400, 600))
    )
    assert weigh_sheet(of_large).bytes - weigh_sheet(of_small).bytes == 3 * (4000 * 6000 - 400 * 600)


def test_light_and_shadows_weigh():
    """Of each body, beside what it weighs without them; rays need a tree of boxes around its faces."""

    def measure(panel: str, has_rays: bool = False) -> int:
        sheet = lay_out_sheet("a", None, (64, 64), (parse_panel(panel),), (0, 1), columns=1)
        return weigh(sheet, replace(BODY, has_rays=has_rays)).bytes

    plain = measure("orbit/geo/black")
    assert measure("orbit/geo/black", has_rays=True) == plain
    # A vertex and its normal, two floats of light from around, one of the key light.
    assert measure("orbit/studio/black") - plain == 2 * 6890 * 4 * (3 + 3 + 2 + 1)
    assert measure("orbit/studio/black", has_rays=True) - plain > 2 * 13776 * 128
    # A map of 256 x 256 floats.
    assert measure("orbit/geo/black+shadow") - plain == 2 * 4 * 256**2


def test_panels_that_share_a_shot_have_its_bodies_once():
    """Whatever the samples and the framing are: there may be fewer shots, never more."""
    specs = tuple(
        map(parse_panel, ("orbit/geo", "orbit/mask", "orbit/densepose", "orbit/normal", "side/geo"))
    )
    sheet = lay_out_sheet("a", None, (100, 100), specs, (0, 1), columns=5)
    load = weigh_sheet(sheet)
    # Labels, DensePose's and other colours of one view, and another view.
    assert load.faces == 4 * 2 * BODY.face_count
    for supersample, is_fitted in product((1, 2, 4), (True, False)):
        shots = list_shots([sheet], supersample, is_fitted)
        assert len(shots) * 2 * BODY.face_count <= load.faces


def test_the_people_of_an_image_come_into_one_batch():
    one, three = make_sheet(100, 100), [make_sheet(100, 100)] * 3
    assert gather([[one], three, three, [one]], most_sheets=4) == [4, 4]
    assert gather([[one, one], three, [one]], most_sheets=4) == [2, 4]
    assert gather([[one], three * 3, [one]], most_sheets=4) == [1, 4, 4, 2]


def test_a_sheet_larger_than_a_batch_has_its_own():
    huge = make_sheet(10_000, 10_000)
    assert weigh_sheet(huge).bytes > 10**8
    assert gather([[make_sheet(9, 9)], [huge], [make_sheet(9, 9)]], most_bytes=10**8) == [1, 1, 1]


def test_alpha_weighs():
    opaque, clear = (
        lay_out_sheet("a", None, (10, 10), (parse_panel(panel),), (0,), columns=1)
        for panel in ("orbit/geo", "orbit/geo/transparent")
    )
    assert weigh_sheet(clear).bytes - weigh_sheet(opaque).bytes == 10 * 10


def test_thousands_of_bodies_over_photos_are_one_batch():
    """Pixels of more than 32 bits count are no bound, only memory is; an overlay and a view from the side."""
    panels = tuple(map(parse_panel, ("camera/geo", "side/geo")))
    sheet = lay_out_sheet("a", None, (480, 640), panels, (0,), columns=2)
    assert gather([[sheet]] * 5000) == [4096, 904]
    assert 4096 * sheet.height * sheet.width * 3 > 2**32


def test_values_of_labels_have_32_bit_indices():
    sheet = make_sheet(10_000, 10_000)
    layers = weigh_layers(parse_layers(["iuv"]))
    limit = BatchLimit(4096, 10**13)
    batches = gather_batches([[sheet]] * 12, limit, find_topology, partial(weigh, label_bytes=layers))
    assert [len(batch) for batch, _ in batches] == [5, 5, 2]


def test_vertices_are_counted_too():
    """Of a body of few faces, such as a point cloud with a triangle."""
    cloud = BodyCost(vert_count=MOST_COUNTED // 3, face_count=1)
    limit = BatchLimit(99, 10**13)
    batches = list(gather_batches([[make_sheet(9, 9)]] * 7, limit, lambda _: ((0,), cloud), weigh))
    assert [len(batch) for batch, _ in batches] == [3, 3, 1]
    assert weigh(make_sheet(9, 9, people=3), cloud).find_excess() is None
    excess = weigh(make_sheet(9, 9, people=4), cloud).find_excess()
    assert excess == "2,863,311,528 vertices in its views are more than kernels count, 2,147,483,647"


def test_larger_bodies_weigh_more_and_fill_the_threads_of_a_launch_sooner():
    sheet = make_sheet(100, 100, people=3)
    large = BodyCost(vert_count=2 * BODY.vert_count, face_count=2 * BODY.face_count)
    of_body, of_large = weigh(sheet, BODY).bytes, weigh(sheet, large).bytes
    assert of_large - of_body == 3 * (BODY.placement_bytes + BODY.body_bytes)
    sheets = [[make_sheet(9, 9)]] * 10
    most = BodyCost(vert_count=3, face_count=MOST_COUNTED // 4)
    batches = gather_batches(sheets, BatchLimit(99, 10**12), lambda _: ((0,), most), weigh)
    assert [len(batch) for batch, _ in batches] == [4, 4, 2]


def test_the_limit_may_change_between_batches():
    limit = BatchLimit(4, 10**12)
    batches = gather_batches([[make_sheet(9, 9)]] * 8, limit, find_topology, weigh)
    assert len(next(batches)[0]) == 4
    limit.most_sheets = 2
    assert [(len(batch), load.sheets) for batch, load in batches] == [(2, 2), (2, 2)]


def test_bodies_of_other_topologies_come_into_batches_of_their_own():
    """Also where fits of several files take turns, image by image."""
    kinds = [make_sheet(9, 9 + k) for k in range(3)]
    batches = gather_batches([kinds] * 5, BatchLimit(4, 10**12), lambda sheet: ((sheet.width,), BODY), weigh)
    found = [[sheet.width for sheet in batch] for batch, _ in batches]
    assert sorted(found) == [[9], [9] * 4, [10], [10] * 4, [11], [11] * 4]


def test_layers_weigh_as_they_are_stored_and_masks_for_each_person():
    sheet = lay_out_sheet("a", None, (30, 40), (parse_panel("camera/depth"),), (0, 1, 2), columns=1)
    plain = weigh(sheet, BODY)
    # Instances of 16 bits are there for the sidecar.
    for layers, pixel_bytes in (["iuv"], 3 + 2), (["depth:half", "keypoints"], 2 + 2), (["instance"], 2):
        found = weigh(sheet, BODY, weigh_layers(parse_layers(layers)))
        assert found.bytes - plain.bytes == 30 * 40 * pixel_bytes
        assert found.faces == plain.faces
    with_masks = weigh(sheet, BODY, weigh_layers(parse_layers(["instance", "amodal"])))
    # Each person is drawn twice.
    assert with_masks.faces == 2 * plain.faces
    assert with_masks.bytes - plain.bytes == 30 * 40 * (2 + 2 * 3) + 3 * BODY.placement_bytes
