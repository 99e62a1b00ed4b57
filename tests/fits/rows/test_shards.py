"""Shards of fits: disjoint, balanced, whole images, and together the whole."""

from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.errors import ConfigError
from render.fits.rows.shards import MOST_SHARDS, Shard, allot_shards, parse_shard, take_shard
from render.types.fits import Fits, RowProblem
from tests.helpers import fit_tables as tables


def make_table(names: list[str], seed: int = 0) -> Fits:
    """Fits of people on these images; the other columns are of no account."""
    rng, n = np.random.default_rng(seed), len(names)
    keypoints_px = rng.normal(size=(n, 49, 3))
    return tables.make_table(
        n, row=np.arange(n) * 2, image_name=np.array(names, object), keypoints_px=keypoints_px
    )


def take_all(fits: Fits, problems: list[RowProblem], count: int) -> list[tuple[Fits, list[RowProblem]]]:
    numbers = allot_shards(fits, count)
    return [take_shard(fits, problems, Shard(number, count), numbers) for number in range(1, count + 1)]


NAMES = st.lists(st.sampled_from([f"{k}.jpg" for k in range(15)]), max_size=60)


COUNTS = st.integers(1, 12)


@settings(max_examples=100, deadline=None)
@given(names=NAMES, count=COUNTS)
def test_shards_are_disjoint_and_together_the_whole(names, count):
    fits = make_table(names)
    rows = [part.row.tolist() for part, _ in take_all(fits, [], count)]
    assert sorted(chain(*rows)) == fits.row.tolist()
    # In the order of the file.
    assert all(part == sorted(part) for part in rows)


@settings(max_examples=100, deadline=None)
@given(names=NAMES, count=COUNTS)
def test_what_is_in_a_shard_is_what_was_in_the_table(names, count):
    fits = make_table(names)
    for part, _ in take_all(fits, [], count):
        index = part.row // 2
        assert part.image_name.tolist() == [names[k] for k in index]
        np.testing.assert_array_equal(part.place, fits.place[index])
        np.testing.assert_array_equal(part.scale, fits.scale[index])


@settings(max_examples=100, deadline=None)
@given(names=NAMES, count=COUNTS)
def test_all_people_of_an_image_are_in_one_shard(names, count):
    found = Counter(
        name for part, _ in take_all(make_table(names), [], count) for name in set(part.image_name)
    )
    assert set(found.values()) <= {1}


@settings(max_examples=100, deadline=None)
@given(names=NAMES, count=COUNTS)
def test_shards_differ_by_no_more_people_than_the_largest_image_has(names, count):
    sizes = [len(part) for part, _ in take_all(make_table(names), [], count)]
    largest = max(Counter(names).values(), default=0)
    assert max(sizes) - min(sizes) <= largest


@settings(max_examples=100, deadline=None)
@given(names=NAMES, count=COUNTS, seed=st.integers(1, 1000))
def test_nothing_but_the_images_decides_who_is_where(names, count, seed):
    one, other = make_table(names), make_table(names, seed)
    for number in range(1, count + 1):
        shard = Shard(number, count)
        taken = [take_shard(fits, [], shard, allot_shards(fits, shard.count))[0] for fits in (one, other)]
        assert taken[0].row.tolist() == taken[1].row.tolist()


@settings(max_examples=100, deadline=None)
@given(names=NAMES, count=COUNTS, rejected=st.integers(0, 30))
def test_rows_that_are_no_fits_are_each_in_one_shard(names, count, rejected):
    problems = [RowProblem(2 * k + 1, f"{k}.jpg", "no fit") for k in range(rejected)]
    parts = [part for _, part in take_all(make_table(names), problems, count)]
    assert sorted(chain(*parts), key=lambda problem: problem.row) == problems
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_many_small_images_are_shared_out_evenly():
    sizes = [len(part) for part, _ in take_all(make_table([f"{k}.jpg" for k in range(640)]), [], 64)]
    assert set(sizes) == {10}


@pytest.mark.parametrize(
    ("text", "number", "count"),
    [("1/1", 1, 1), ("1/64", 1, 64), ("64/64", 64, 64), (f"9/{MOST_SHARDS}", 9, MOST_SHARDS)],
)
def test_shards_are_written_as_part_and_count(text, number, count):
    assert parse_shard(text) == Shard(number, count)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "/",
            "1",
            "1/",
            "/2",
            "0/4",
            "5/4",
            "1/0",
            "0/0",
            "a/b",
            "1/2/3",
            "01/2",
            "1/02",
            "-1/2",
            "1/-2",
        ),
        *("+1/2", "1.0/2", "1 /2", " 1/2", "1/2 ", "1/2\n", "3of4", "1/1e3", f"1/{MOST_SHARDS + 1}"),
        *("9" * 50 + "/" + "9" * 50, "\u0661/\u0662", "1/1\u0663"),
    ],
)
def test_what_is_no_shard_is_refused_with_what_was_expected(text):
    with pytest.raises(
        ConfigError, match=r"shard: expected a part and how many there are, from 1/64 to 64/64"
    ):
        parse_shard(text)


def test_the_whole_has_no_tag():
    assert (Shard(1, 1).tag, Shard(3, 64).tag) == ("", "3of64")
