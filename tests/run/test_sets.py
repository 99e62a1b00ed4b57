"""Sets of files in a folder that has some of another format already: nothing of them is lost."""

import pytest

from render.errors import ConfigError
from render.record.records import Record
from render.run.folders import check_sets
from render.types.products import ProductFile
from tests.helpers.runs import configure


def record(*suffixes: str, product: str = "a_0"):
    files = tuple(ProductFile(f"a_0{suffix}", 1, "0" * 64) for suffix in suffixes)
    return Record(product, (0,), files, "settings", "people", None, None)


@pytest.mark.parametrize(
    ("suffixes", "output"), [((".iuv.png", ".json"), "png"), ((".json",), "png"), ((".exr", ".json"), "exr")]
)
def test_sets_of_the_same_format_are_made_again(suffixes, output):
    check_sets([record(*suffixes)], configure("job=labels", f"output={output}"))


@pytest.mark.parametrize(("suffixes", "output"), [((".iuv.png", ".json"), "exr"), ((".npz", ".json"), "png")])
def test_sets_of_another_format_are_left_alone(suffixes, output):
    with pytest.raises(ConfigError, match=f"such as a_0{suffixes[0]}"):
        check_sets([record(*suffixes)], configure("job=labels", f"output={output}"))


def test_sheets_have_names_of_their_own():
    check_sets([record(".jpg", product="a_0.jpg")], configure("job=labels", "output=png"))
    check_sets([record(".iuv.png", ".json")], configure("output=jpg"))


def test_sheets_in_tars_have_names_of_their_own_too():
    # A dot in the name of the photo is another letter in that of the member.
    check_sets([record(".jpg", product="a.v2_0.jpg")], configure("job=labels", "output=png"))
