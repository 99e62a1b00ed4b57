"""What a served page does when somebody chooses; the library's server has no browser here."""

import pytest

from render.viewer.live_page.viewer import LiveViewer
from render.viewer.scenes.server import serve
from tests.helpers.motion_set import make_motion_set
from tests.helpers.viewed import opened

FIRST, SECOND = "/people/row_0_annotation_1", "/people/row_1_annotation_2"


class Page:
    """A viewer, and the fields of its page by their labels."""

    def __init__(self, server, source):
        self.server = server
        self.viewer = LiveViewer(server, source)
        self.viewer.update()

    def find(self, label):
        fields = list(self.server.gui._gui_input_handle_from_uuid.values())
        (found,) = [field for field in fields if getattr(field, "label", None) == label]
        return found

    def choose(self, label, value):
        self.find(label).value = value
        self.viewer.update()

    def see(self, name):
        handle = self.server.scene.get_handle_by_name(name)
        return handle if handle is not None and handle.visible else None


@pytest.fixture
def page(demo):
    with opened(*demo, "samples=0:3", "people=together") as source, serve() as server:
        yield Page(server, source)


def test_it_begins_with_the_first_photo(page):
    assert page.see(FIRST)
    assert page.see(SECOND)
    assert page.see("/photo")
    assert page.find("Name").value == "demo_000000.jpg"
    assert page.find("Look").value == "people"


def test_people_are_hidden_one_by_one_and_the_photo_too(page):
    page.choose("row 0, annotation 1", False)
    assert not page.see(FIRST)
    assert page.see(SECOND)
    page.choose("Photo behind", False)
    assert not page.see("/photo")


@pytest.mark.parametrize("look", ["clay", "normals", "wireframe", "people"])
def test_bodies_change_their_look_and_are_hidden_as_before(page, look):
    page.choose("row 1, annotation 2", False)
    page.choose("Look", look)
    assert page.see(FIRST)
    assert not page.see(SECOND)
    assert page.find("Look").value == look


def test_bodies_become_transparent(page):
    page.choose("Opacity", 0.5)
    assert page.see(FIRST).opacity == 0.5


def test_another_photo_has_other_people_who_are_all_seen(page):
    page.choose("row 0, annotation 1", False)
    page.choose("Photo", 2)
    assert page.find("Name").value == "demo_000001.jpg"
    assert not page.see(SECOND)
    assert page.see("/people/row_2_annotation_11")
    page.choose("Photo", 1)
    assert page.see(FIRST)


def test_a_photo_that_is_missing_is_told_and_the_next_is_seen(fit_set, tmp_path):
    data, folder, settings = fit_set
    (folder / "images" / data["data"][0]["imageName"]).unlink()
    with opened(*settings, "samples=0:3", "people=together") as source, serve() as server:
        page = Page(server, source)
        assert "there is no such photo" in page.find("Note").value
        page.choose("Photo", 2)
        assert page.see("/people/row_2_annotation_11")
        assert not page.find("Note").visible


def test_a_sequence_plays_and_stands_still(demo_set, tmp_path):
    made = make_motion_set(demo_set.fit_file, tmp_path, {"walk": (6, range(6))})
    words = [*made.settings, "job=video", f"output.dir={tmp_path}/out"]
    with opened(*words) as source, serve() as server:
        page = Page(server, source)
        now = [50.0]
        page.viewer._clock._now = lambda: now[0]
        before = page.see("/people/person_0").vertices.copy()
        page.choose("Frame", 4)
        assert (page.see("/people/person_0").vertices != before).any()
        page.viewer._ask_toggle()
        page.viewer.update()
        assert page.find("Pause")
        # Two frames later, at 25 a second, the last of six.
        now[0] += 0.09
        page.viewer.update()
        assert page.find("Frame").value == 6
        page.viewer._ask_toggle()
        page.viewer.update()
        now[0] += 10
        page.viewer.update()
        assert page.find("Frame").value == 6
