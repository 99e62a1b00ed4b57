"""Numbers as they are said."""

from render.doctor.finding import format_seconds
from render.run.dry.room import format_bytes


def test_numbers_as_they_are_said():
    assert [format_seconds(seconds) for seconds in (0.123, 12.3, 59.9, 3725)] == [
        "0.12 s",
        "12 s",
        "0:01:00",
        "1:02:05",
    ]
    assert [format_bytes(count) for count in (900, 85_040, 2.5e9, 3.2e13)] == [
        "0.9 kB",
        "85.0 kB",
        "2.5 GB",
        "32.0 TB",
    ]
