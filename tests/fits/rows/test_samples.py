"""Which entries of a fit file are taken."""

import pytest

from render.errors import ConfigError
from render.fits.rows.samples import parse_samples


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", [0, 1, 2, 3, 4]),
        ("3", [3]),
        ("1:3", [1, 2]),
        ("-2:", [3, 4]),
        ("::2", [0, 2, 4]),
        (":99", [0, 1, 2, 3, 4]),
    ],
)
def test_samples_count_as_python_does(text, expected):
    assert list(range(5))[parse_samples(text)] == expected


@pytest.mark.parametrize("text", ["", "first", "-1", "0:9:0", "0:9:-1", "1,2", "1.5", "0:1:2:3", "1" * 10])
def test_samples_that_mean_nothing_are_refused(text):
    with pytest.raises(ConfigError, match="samples: expected all, an index, or start:stop"):
        parse_samples(text)
