"""Pages of sequences: which frames they take, and how large they may be."""

import base64
import re

import msgspec
import numpy as np
import pytest
import zstandard

from render.errors import SheetError
from render.viewer import export
from tests.helpers.motion_set import make_motion_set
from tests.helpers.viewed import opened


def read_recording(page: str) -> dict:
    """What the library's own page plays."""
    (packed,) = re.findall(r'__VISER_EMBED_DATA__="([^"]*)"', page)
    content = zstandard.ZstdDecompressor().decompress(base64.b64decode(packed)[8:])
    length = int.from_bytes(content[:8], "little")
    return msgspec.msgpack.decode(content[8 : 8 + length])


@pytest.fixture
def walk(demo_set, tmp_path):
    made = make_motion_set(demo_set.fit_file, tmp_path, {"walk": (20, range(20))})
    with opened(*made.settings, "job=video", f"output.dir={tmp_path}/out") as source:
        yield source


def test_a_page_has_at_most_ten_frames_a_second():
    assert export.thin_out(tuple(np.arange(31) / 30)) == list(range(0, 30, 3))
    assert export.thin_out(tuple(np.arange(6) / 5)) == [0, 1, 2, 3, 4]


def test_a_sequence_plays_for_as_long_as_it_takes(walk):
    recording = read_recording(export.export_subject(walk, walk.subjects[0]))
    # 20 frames, 25 a second.
    assert recording["durationSeconds"] == pytest.approx(0.8)
    times = sorted({time for time, _ in recording["messages"]})
    np.testing.assert_allclose(times, [0, 0.12, 0.24, 0.36, 0.48, 0.6, 0.72], atol=1e-6)
    # The photo and the body of each.
    updates = [
        message["updates"] for time, message in recording["messages"] if time > 0 and "updates" in message
    ]
    assert sum("vertices" in update for update in updates) == 6
    assert sum("_data" in update for update in updates) == 6


def test_a_page_that_would_be_too_large_is_refused(walk, monkeypatch):
    monkeypatch.setattr(export, "MOST_BYTES", 400_000)
    with pytest.raises(SheetError, match=r"7 frames would be a page of more than 0 MB; .* about \d of them"):
        export.export_subject(walk, walk.subjects[0])
