"""Where models are looked for: the same by `body=`, by `body.files` and on the page on bodies."""

import re

import pytest

from render.config.groups import BODY_FILES
from tests.helpers.pages import DOCS
from tests.helpers.runs import configure

CHOSEN = ("smpl", "smpl_male", "smpl_female", "smplh", "smplx")


@pytest.mark.parametrize("name", CHOSEN)
def test_a_body_that_is_chosen_has_the_file_that_others_have_of_it(name):
    config = configure("dataset=eft", "dataset.fit_file=a.json", "dataset.image_dir=b", f"body={name}")
    assert config.body.path == config.body.files[name] == BODY_FILES[name]


def test_the_page_has_each_file_beside_its_name():
    page = (DOCS / "data" / "bodies.md").read_text()
    found = {}
    for names, files in re.findall(
        r"^\| (`\w+`(?:, `\w+`)*) \| (`extradata/\S+`(?:, `\S+`)*) \|$", page, re.M
    ):
        found |= dict(zip(re.findall(r"`(\w+)`", names), re.findall(r"`(\S+?)`", files), strict=True))
    assert found == BODY_FILES
