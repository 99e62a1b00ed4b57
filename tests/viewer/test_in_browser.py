"""What Chromium shows: silhouettes are the renderer's, and nothing is asked for or complained of."""

import json

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from render import pose_bodies
from render.viewer.export import export_subject
from render.viewer.live_page.viewer import LiveViewer
from render.viewer.scenes.server import serve
from tests.helpers.browser import visit
from tests.helpers.viewed import PLAIN_RGB, draw_mask, find_iou, opened, see, see_mask

# Pages of WebGL without a GPU take seconds of processor time.
pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 640, 480
VIEWPORT = {"width": WIDTH, "height": HEIGHT}
# What is over at outlines, whose pixels are smooth in a browser.
LEAST_IOU = 0.98
# Of the library itself, whatever it shows.
KNOWN = (
    "THREE.Clock: This module has been deprecated",
    "GPU stall due to ReadPixels",
    "Automatic fallback to",
)


def export(words, path, plain=PLAIN_RGB):
    with opened(*words) as source:
        path.write_text(export_subject(source, source.subjects[0], plain))
    return path


def check_quiet(visited, folder):
    assert [text for text in visited.complaints if not any(known in text for known in KNOWN)] == []
    assert visited.list_requests_outside(folder) == []


def measure(browser, words, folder):
    """How far the page of these settings agrees with their one sheet."""
    expected = draw_mask(folder / "sheets", *words)
    page = export(words, folder / "page.html")
    height, width = expected.shape
    with visit(browser, page, viewport={"width": width, "height": height}) as visited:
        found = see_mask(visited.page)
        check_quiet(visited, folder)
    return find_iou(found, expected)


def test_a_body_of_weak_perspective(webgl_browser, demo, tmp_path):
    assert measure(webgl_browser, [*demo[:1], "samples=0"], tmp_path) >= LEAST_IOU


def test_two_people_of_a_photo(webgl_browser, demo, tmp_path):
    assert measure(webgl_browser, [*demo[:1], "samples=0:2", "people=together"], tmp_path) >= LEAST_IOU


@pytest.fixture
def two_before_a_pinhole(demo_body, tmp_path):
    """Vertices of two people under one pinhole, whose principal point is not in the middle of the photo."""
    rng = np.random.default_rng(5)

    turns = Rotation.from_rotvec(rng.normal(0, 0.2, (48, 3))).as_matrix().reshape(2, 24, 3, 3)
    bodies = pose_bodies(demo_body, turns, np.zeros((2, 10)), up="y")
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    cv2.imwrite(str(folder / "images/a.png"), np.full((HEIGHT, WIDTH, 3), 90, np.uint8))
    np.savez(
        folder / "people.npz",
        vertices=bodies.verts.numpy(),
        faces=bodies.faces.numpy(),
        focal=np.float64(520),
        princpt=np.array([290.0, 260.0]),
        cam_t=np.array([[-0.5, 0.1, 3.2], [0.4, 0.2, 3.5]]),
        image=np.array(["a.png", "a.png"]),
    )
    return [
        "dataset=meshes",
        f"dataset.fit_file={folder}/people.npz",
        f"dataset.image_dir={folder}/images",
        "device=cpu",
        "people=together",
    ]


def test_two_people_of_a_pinhole(webgl_browser, two_before_a_pinhole, tmp_path):
    """The eye looks along its axis, so in a window of this size no pixel of the photo is scaled."""
    expected = draw_mask(tmp_path / "sheets", *two_before_a_pinhole)
    page = export(two_before_a_pinhole, tmp_path / "page.html")
    with visit(webgl_browser, page, viewport={"width": 700, "height": 520}) as visited:
        found = see_mask(visited.page)
    # The principal point is in the middle of the window.
    assert find_iou(found[:HEIGHT, 60 : 60 + WIDTH], expected) >= LEAST_IOU


def test_a_page_that_is_served(webgl_browser, demo, tmp_path):
    expected = draw_mask(tmp_path / "sheets", *demo[:1], "samples=0")
    with opened(*demo[:1], "samples=0") as source, serve() as server:
        viewer = LiveViewer(server, source, PLAIN_RGB)
        viewer.update()
        address = f"http://127.0.0.1:{server.get_port()}/"
        with visit(webgl_browser, address, viewport={"width": 920, "height": HEIGHT}) as visited:
            see_mask(visited.page)
            # The fields are beside the scene.
            canvas = visited.page.locator("canvas[data-engine]")
            width = round(canvas.bounding_box()["width"])
            visited.page.set_viewport_size({"width": 920 + WIDTH - width, "height": HEIGHT})
            visited.page.wait_for_timeout(1000)
            found = see_mask(visited.page)
            assert all(one.startswith((address, "blob:", "data:")) for one in visited.requests)
    assert found.shape == expected.shape
    assert find_iou(found, expected) >= LEAST_IOU


def test_names_of_strangers_are_text(webgl_browser, fit_set, tmp_path):
    """In the title of a page, and in the fields of one that is served; the photo and the body are there."""
    data, folder, settings = fit_set
    name = "<script>document.x=1'\"&amp;<img src=q onerror='document.x=1'>.jpg"
    (folder / "images" / data["data"][0]["imageName"]).rename(folder / "images" / name)
    data["data"][0]["imageName"] = name
    (folder / "demo_EFT.json").write_text(json.dumps(data))
    words = [*settings, "samples=0"]
    page = export(words, tmp_path / "page.html", plain=None)
    with visit(webgl_browser, page, viewport=VIEWPORT) as visited:
        shown = see(visited.page, until=lambda picture: (picture != 255).any(2).mean() > 0.9)
        check_quiet(visited, tmp_path)
        assert visited.page.title() == name
        assert visited.page.evaluate("document.x") is None
    photo = cv2.imread(str(folder / "images" / name))[..., ::-1]
    # All but the body, the button in the corner, and what JPEG and the texture's filter change.
    off = np.abs(shown.astype(int) - photo).max(2) > 24
    assert off.mean() < 0.2
