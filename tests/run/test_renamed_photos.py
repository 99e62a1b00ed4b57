"""Photos that are there under another name: why they fail, and that the advice draws them."""

import shlex

import pytest

from render.config.load import compose_settings, load_config
from render.run.render_dataset import render_dataset
from tests.helpers.folders import sheets_below
from tests.helpers.manifests import counts, read_failures

PANELS = ["panels=[side/geo]", "size=photo"]


@pytest.mark.parametrize("panels", [PANELS, ["panels=[camera/geo]"]], ids=["its size", "its pixels"])
def test_the_reason_names_the_file_and_the_setting_that_draws_it(small, draw, out, tmp_path, panels):
    draw(*panels, "samples=0:3", into=tmp_path / "before")
    for path in sorted((small.image_dir / "part0").iterdir()):
        path.rename(path.with_suffix(".JPEG"))
    small.image_dir.joinpath("part0").rename(small.image_dir / "Part0")
    report = draw(*panels, "samples=0:3")
    assert [problem.row for problem in report.failed] == [0, 1, 2]
    reason = read_failures(out)[0]["reason"]
    assert reason == (
        f"{small.image_dir}/part0/demo_000000.jpg: there is no such photo, but Part0/demo_000000.JPEG is "
        f'there, which differs in case and extension. Set dataset.rename_images=\'{{part0/: "Part0/", '
        f".jpg: .JPEG}}'"
    )
    advised = shlex.split(reason.partition(". Set ")[2])
    words = [*small.settings, *panels, "samples=0:3", f"output.dir={out}", *advised]
    # As the command line does it, from the words on.
    assert counts(render_dataset(load_config(compose_settings(words)))) == (3, 0, 0)
    # Under the names of the fit file.
    assert sheets_below(out) == sheets_below(tmp_path / "before")
    assert counts(draw(*panels, "samples=0:3", *advised)) == (0, 3, 0)


def test_a_photo_that_is_nowhere_keeps_the_old_advice(small, draw, out):
    path = small.image_dir / "part0" / "demo_000000.jpg"
    path.unlink()
    draw(*PANELS, "samples=0:1")
    assert read_failures(out)[0]["reason"] == (
        f"{path}: there is no such photo. Download the dataset's images, or set dataset.image_dir to the "
        f"folder that holds them."
    )


def test_replacements_that_leave_the_folder_cost_their_sheets(small, draw, out):
    small.image_dir.with_name("secret.jpg").write_bytes(b"secret")
    draw(*PANELS, "samples=0:3", "dataset.rename_images={part0/demo_000000: ../secret}")
    assert [failure["row"] for failure in read_failures(out)] == ["0", "1"]
    assert "expected a photo below" in read_failures(out)[0]["reason"]
