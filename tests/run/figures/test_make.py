"""Figures end to end: files that are the same each time, or a line for each thing that is missing."""

import json

import cv2
import numpy as np
import pytest

from render.errors import ConfigError, FitFileError
from render.run.figures.make import make_figure
from tests.helpers.folders import files_below
from tests.helpers.runs import configure

COLUMNS = "figure.columns=[image, {panel: camera/clay, title: Fit}]"


def test_a_figure_is_the_same_each_time_and_leaves_nothing_of_an_earlier_one(draw, out, tmp_path):
    draw(COLUMNS, "figure.rows=[0, 3]", "figure.name=teaser")
    assert {"teaser.pdf", "teaser.svg", "teaser.png", "teaser.tex", "teaser.typ"} <= files_below(out).keys()
    assert (out / "teaser_panels" / "row2_column2.jpg").exists()
    (out / "teaser_panels" / "mine.jpg").write_bytes(b"mine")
    # Of a figure of that name that was killed while it wrote.
    (out / ".teaser.0.tmp").write_bytes(b"half")
    words = [COLUMNS, "figure.rows=[3]", "figure.name=teaser"]
    draw(*words)
    again = draw(*words, into=tmp_path / "again")
    found = files_below(out)
    # What is not the program's own stays.
    assert found.pop("teaser_panels/mine.jpg") == b"mine"
    assert found == files_below(again)
    assert "teaser_panels/row1_column2.jpg" in found
    assert "teaser_panels/row2_column2.jpg" not in found


def test_what_is_missing_is_said_in_one_go_and_nothing_is_written(draw, out):
    rows = "figure.rows=[99, {image: nobody}, {image: demo_000005, person: 5}, {annotation: 123}, 0]"
    with pytest.raises(ConfigError) as caught:
        draw(rows)
    assert str(caught.value).splitlines() == [
        "figure.rows[0]: there is no row 99; the fit file has 21 entries, from 0",
        "figure.rows[1]: no fit is of the image 'nobody'; names are such as 'demo_000000.jpg'",
        "figure.rows[2]: demo_000005.jpg has 2 valid fits, from 0; there is no person 5",
        "figure.rows[3]: no fit is of annotation 123",
    ]
    assert files_below(out) == {}


def test_an_unknown_joint_is_named_with_one_that_there_is(draw, out):
    with pytest.raises(ConfigError, match=r"no joint 'left_hnd'; did you mean left_hand\?\Z"):
        draw("figure.zoom.at=left_hnd")
    assert files_below(out) == {}


@pytest.mark.parametrize("crop", [[-1e5, -1e5, 1e5, 1e5], [0, 0, 40_000, 400]])
def test_a_crop_far_larger_than_its_photo_is_refused_before_it_takes_the_memory(draw, out, crop):
    with pytest.raises(ConfigError, match=r"figure.rows\[0\]: its crop is .* a side are the most"):
        draw(COLUMNS, "figure.rows=[0]", f"figure.crop={crop}")
    assert files_below(out) == {}


@pytest.fixture
def other(demo_set, tmp_path):
    """Fits of the first ten rows of the demo set; a person has moved."""
    entries = json.loads(demo_set.fit_file.read_text())
    entries["data"] = entries["data"][:10]
    entries["data"][4]["parm_shape"] = [2.0, *entries["data"][4]["parm_shape"][1:]]
    path = tmp_path / "other.json"
    path.write_text(json.dumps(entries))
    return path


def test_a_method_without_a_person_is_named(draw, other):
    with pytest.raises(ConfigError, match=r"\Afigure.rows\[1\]: Theirs: .*found none\Z"):
        draw(
            "figure.columns=[{panel: camera/clay, method: Theirs}]",
            "figure.rows=[0, 20]",
            f"figure.methods.Theirs={other}",
        )


def test_a_body_behind_the_camera_is_named_and_is_no_crash(draw, out, demo_set, tmp_path):
    # Row 4 is alone in its photo, so that nobody has to be told apart.
    name = json.loads(demo_set.fit_file.read_text())["data"][4]["imageName"]
    verts = np.array([[[0, 0, -5], [1, 0, -5], [0, 1, -5], [0, 0, -6]]], np.float32)
    corners = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], np.int32)
    camera = {"focal": np.array([500.0]), "princpt": np.array([[100.0, 100.0]])}
    file = tmp_path / "behind.npz"
    np.savez(file, verts=verts, faces=corners, image_name=np.array([name]), **camera)
    words = ["figure.rows=[4]", f"figure.methods.Theirs={file}"]
    with pytest.raises(ConfigError, match=r"\Afigure.rows\[0\]: a body of it is nowhere before the camera"):
        draw("figure.columns=[{panel: camera/clay, method: Theirs}]", *words)
    note = "figure.columns=[{panel: camera/clay, note: '{pve}'}]"
    with pytest.raises(
        ConfigError, match=r"columns\[0\].note: the bodies of the run and of Theirs cannot be"
    ):
        draw(note, *words, "figure.reference=Theirs")
    assert files_below(out) == {}


def test_what_a_reader_says_of_a_method_names_its_own_settings(draw, other):
    column = "figure.columns=[{panel: camera/clay, method: Theirs}]"
    with pytest.raises(FitFileError, match=r"no such fit file. Set figure.methods.Theirs.fit_file to"):
        draw(column, "figure.methods.Theirs=none.json")
    with pytest.raises(
        FitFileError, match=r"Theirs: .* found one of eft. Use figure.methods.Theirs.format: eft"
    ):
        draw(column, f"figure.methods.Theirs.fit_file={other}", "figure.methods.Theirs.format=spin")
    with pytest.raises(FitFileError, match=r"figure.methods.Theirs.options: this format has no option 'x'"):
        draw(column, f"figure.methods.Theirs.fit_file={other}", "figure.methods.Theirs.options.x=1")


def test_fits_that_are_the_same_look_the_same_and_are_not_apart(draw, other):
    columns = [
        "{panel: side/clay, note: '{pve:.2f}'}",
        "{panel: side/clay, method: Theirs, note: 'row {row}'}",
        "{panel: camera/error/white}",
    ]
    folder = draw(
        f"figure.columns=[{', '.join(columns)}]",
        "figure.rows=[3, 4]",
        f"figure.methods.Theirs={other}",
        "figure.reference=Theirs",
    )
    panels = folder / "figure_panels"
    pictures = {path.stem: cv2.imread(str(path)).astype(int) for path in panels.iterdir()}
    np.testing.assert_array_equal(pictures["row1_column1"], pictures["row1_column2"])
    assert (pictures["row2_column1"] != pictures["row2_column2"]).any()
    source = (folder / "figure.typ").read_text()
    assert '"0.00"' in source
    # Of the run's own file, whose sample it is.
    assert '"row 3"' in source
    assert '"row 4"' in source
    assert "colour_bar" in pictures
    # The colour of no error is a light grey; that of the other is not.
    assert np.ptp(pictures["row1_column3"], axis=2).max() < 40
    assert np.ptp(pictures["row2_column3"], axis=2).max() > 80


def test_panels_without_a_background_are_rgba(draw):
    zoom = "figure.zoom={at: head, size: 0.3}"
    folder = draw(
        "figure.columns=[camera/clay/transparent]", "figure.rows=[3]", zoom, "figure.page=transparent"
    )
    panel = cv2.imread(str(folder / "figure_panels" / "row1_column1.png"), cv2.IMREAD_UNCHANGED)
    assert panel.shape[2] == 4
    assert set(np.unique(panel[:, :, 3])) >= {0, 255}
    # What lies over another picture is opaque.
    (inset,) = (folder / "figure_panels").glob("row1_column1_zoom1.*")
    assert cv2.imread(str(inset), cv2.IMREAD_UNCHANGED).shape[2] == 3


def test_damaged_photos_that_are_drawn_over_are_named(fit_set, tmp_path, caplog):
    entries, folder, words = fit_set
    words.remove("panels=[camera/geo]")
    photo = folder / "images" / entries["data"][0]["imageName"]
    photo.write_bytes(photo.read_bytes()[:-2000])
    words += ["job=figure", "device=cpu", "figure.columns=[image]", "figure.rows=[0]"]
    words += ["figure.width=40mm", "figure.dpi=72", f"output.dir={tmp_path}/out"]
    with pytest.raises(ConfigError, match=rf"{photo.name}: the photo is damaged"):
        make_figure(configure(*words))
    make_figure(configure(*words, "damaged_photos=draw"))
    assert f"{photo}: the photo is damaged" in caplog.text
