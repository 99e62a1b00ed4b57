"""When the frames of clips are shown, and who is on them."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from render.errors import PhotoError
from render.fits.build import assemble
from render.fits.cameras import framed
from render.run.clips.group import ClipPeople, find_strangers, group_clips, number_people
from render.run.clips.timeline import Pictures, find_rate, plan_clip
from render.types.sources import Meshes


def make_fits(frame, names=None, time_s=None, sequence=None, person=None, identity=None):
    count = len(frame)
    meshes = Meshes("", np.zeros((0, 3), np.int32), np.zeros((count, 0, 3), np.float32))
    names = names or [f"walk/{k:06d}" for k in frame]
    return assemble(
        "made",
        names,
        meshes,
        framed(count),
        frame=np.array(frame),
        time_s=time_s,
        sequence=sequence,
        person=person,
        identity=identity,
    )


def plan(fits, pictures=None, fps=0.0, is_whole=True):
    (people,) = group_clips(fits, "together")
    return plan_clip(fits, people, pictures, fps, is_whole)


def test_frames_follow_one_another_and_nobody_is_on_some():
    planned = plan(make_fits([3, 3, 4, 7]))
    assert planned.fits == [(0, 1), (2,), (), (), (3,)]
    assert planned.names[0] == "walk/000003"


def test_every_fifth_frame_is_a_frame():
    assert plan(make_fits([0, 5, 10, 20])).fits == [(0,), (1,), (2,), (), (3,)]


def test_a_number_far_from_all_others_is_refused():
    with pytest.raises(PhotoError, match="frames 0 to 1000000007: expected frames that follow one another"):
        plan(make_fits([0, 3, 1_000_000_007]))


def test_frames_of_photos_without_people_are_there_too():
    names = [f"v/{k}.jpg" for k in range(6)]
    fits = make_fits([0, 0], ["v/2.jpg", "v/4.jpg"])
    whole, part = (
        plan(fits, Pictures(names, ["v/2.jpg", "v/4.jpg"]), is_whole=is_whole) for is_whole in (True, False)
    )
    assert whole.names == names
    assert whole.fits == [(), (), (0,), (), (1,), ()]
    assert part.names == names[2:5]
    assert part.fits == [(0,), (), (1,)]


def test_a_photo_that_is_not_there_keeps_its_place():
    planned = plan(
        make_fits([0, 0], ["v/2.jpg", "v/4.jpg"]), Pictures(["v/1.jpg", "v/4.jpg"], ["v/2.jpg", "v/4.jpg"])
    )
    assert planned.names == ["v/1.jpg", "v/2.jpg", "v/4.jpg"]


def make_video(times, of_rows, has_sound=True):
    names = [f"{k:06d}" for k in range(len(times) - 1)]
    return Pictures(names, of_rows, np.array(times), Fraction(1, 1000), Path("v.mp4"), has_sound)


def test_times_of_a_video_are_kept_and_its_sound_from_there_to_there():
    video = make_video([100, 140, 200, 210, 300], ["000001", "000002"])
    fits = make_fits([1, 2], ["000001", "000002"])
    planned = plan(fits, video, is_whole=False)
    assert planned.times.tolist() == [140, 200, 210]
    assert planned.time_base == Fraction(1, 1000)
    assert (planned.sound.start, planned.sound.end) == (Fraction(40, 1000), Fraction(110, 1000))
    np.testing.assert_allclose(planned.starts_s, [0, 0.06, 0.07], atol=1e-12)


def test_another_rate_than_the_videos_is_silent():
    planned = plan(
        make_fits([1, 2], ["000001", "000002"]), make_video([0, 40, 80, 120], ["000001", "000002"]), fps=50
    )
    assert planned.sound is None
    assert planned.time_base == Fraction(1, 50)
    assert planned.times.tolist() == [0, 1, 2, 3]


def test_rows_beyond_the_end_of_a_video_are_told():
    planned = plan(
        make_fits([1, 9], ["000001", "000009"]), make_video([0, 40, 80, 120], ["000001", "000009"])
    )
    assert planned.fits == [(), (0,), ()]
    assert planned.lost == [(1, "v.mp4: it has 3 frames, and none for this row")]
    with pytest.raises(PhotoError, match="none of this sequence's"):
        plan(make_fits([9], ["000009"]), make_video([0, 40, 80, 120], ["000009"]))


@pytest.mark.parametrize(
    ("fps", "rate"),
    [(120.0, 120), (59.94005994, Fraction(60000, 1001)), (29.97002997, Fraction(30000, 1001)), (12.5, 12.5)],
)
def test_the_rate_is_that_of_the_times(fps, rate):
    frame = np.arange(50)
    assert find_rate(frame / fps, frame) == rate
    planned = plan(make_fits(frame.tolist(), time_s=frame / fps))
    assert planned.time_base == 1 / Fraction(rate)


@pytest.mark.parametrize(
    "time_s",
    [[np.nan, np.nan], [0.0, 0.0], [1.0, 0.0], [np.nan, 1.0], [0, 1e-310], [0, 1e-6], [-1e308, 1e308]],
)
def test_times_that_tell_no_rate(time_s):
    assert find_rate(np.array(time_s), np.arange(2)) is None


def test_clips_are_of_sequences_or_of_people():
    fits = make_fits(
        [0, 0, 1, 0], sequence=["a/x", "a/x", "a/x", "b"], person=[4, 7, 4, 4], identity=[0, 1, 0, 0]
    )
    together, alone = (
        [(clip.name, clip.rows.tolist()) for clip in group_clips(fits, people)]
        for people in ("together", "alone")
    )
    assert together == [("a/x", [0, 1, 2]), ("b", [3])]
    assert alone == [("a/x_person4", [0, 2]), ("a/x_person7", [1]), ("b_person4", [3])]


def test_photos_of_a_folder_are_a_sequence():
    fits = make_fits([-1, -1, -1], ["s.1/2.jpg", "s.1/1.jpg", "c.jpg"])
    clips = group_clips(fits, "together")
    assert [(clip.name, clip.rows.tolist()) for clip in clips] == [("s.1", [0, 1]), ("frames", [2])]
    planned = plan_clip(fits, clips[0], None, 0.0, True)
    assert planned.fits == [(1,), (0,)]


def test_a_sequence_called_like_the_name_that_another_gets_has_its_own():
    fits = make_fits([0, 0, 0], sequence=["a_row2", "A", "a"])
    assert [clip.name for clip in group_clips(fits, "together")] == ["a_row2", "A", "a_row2_row2"]


def test_photos_beside_those_of_another_sequence_are_nobodys():
    names = ["f/1.jpg", "f/2.jpg", "g/1.jpg", "h/1.jpg"]
    fits = make_fits([0, 0, 0, 0], names, sequence=["a", "b", "c", "c"])
    found = [(clip.name, clip.owns_folder) for clip in group_clips(fits, "together")]
    assert found == [("a", False), ("b", False), ("c", True)]


def test_names_that_only_differ_in_case_or_awkward_letters_stay_apart():
    fits = make_fits([0, 0, 0, 0], sequence=["A", "a", "q?", "q_"])
    names = [clip.name for clip in group_clips(fits, "together")]
    assert names == ["A", "a_row1", "q_", "q__row3"]
    assert isinstance(group_clips(fits, "together")[0], ClipPeople)


def test_colours_go_with_people_or_with_their_place_on_a_frame():
    fits = make_fits([0, 0, 1, 1, 1], ["v/0", "v/0", "v/1", "v/1", "v/1"])
    assert number_people(fits).identity.tolist() == [0, 1, 0, 1, 2]
    fits = make_fits([0, 0, 1], sequence=["x"] * 3, person=[7, 9, 9], identity=[0, -1, -1])
    assert number_people(fits).identity.tolist() == [0, 9, 9]


def test_clips_of_single_people_need_to_know_who_is_who():
    known, unknown = make_fits([0, 1], person=[4, 4]), make_fits([0, 1])
    assert find_strangers(known, "alone") is find_strangers(unknown, "together") is None
    assert find_strangers(unknown, "alone").startswith("people=alone: 2 of 2 fits do not say which person")
