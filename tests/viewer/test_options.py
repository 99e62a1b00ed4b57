"""Words of the command that are none of a run."""

import pytest

from render.errors import ConfigError
from render.viewer.options import ViewOptions, take_options


def test_what_is_not_said():
    options, left = take_options(["samples=12"])
    assert options == ViewOptions("live", 8080, shares_stage=True)
    assert left == ["samples=12", "output.dir=outputs/${dataset.name}/view"]


def test_its_own_words_are_taken_out_and_all_others_are_left():
    options, left = take_options(["view=export", "port=0", "people=alone", "output.dir=/tmp/x"])
    assert options == ViewOptions("export", 0, shares_stage=False)
    assert left == ["people=alone", "output.dir=/tmp/x"]


def test_a_job_says_who_is_on_a_stage():
    assert not take_options(["job=video"])[0].shares_stage


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("view=crop", "view: expected live or export, found 'crop'"),
        ("view=", "view: expected"),
        ("port=http", "port: expected a number up to 65535"),
        ("port=65536", "found '65536'"),
        ("port=-1", "port: expected"),
        ("port=٣", "port: expected"),
    ],
)
def test_values_that_cannot_be_are_refused(word, said):
    with pytest.raises(ConfigError, match=said):
        take_options([word])
