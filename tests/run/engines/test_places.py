"""Which GPU, how many threads and which share of the memory each worker has, and when there are workers."""

import pytest
import torch

from render.compute.memory import CUDA_BATCHES, plan_memory
from render.errors import ConfigError
from render.run.engines import choose
from render.run.engines.local.places import find_places
from render.run.engines.plan import count_shards
from tests.helpers.runs import configure


@pytest.fixture
def gpus(monkeypatch):
    """Sets how many GPUs torch finds."""

    def have(count: int) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    have(0)
    return have


def list_stations(*words: str, cores: int = 16) -> list[tuple]:
    places = find_places(configure("executor=processes", *words), cores)
    return [
        (p.station.device, p.environment.get("CUDA_VISIBLE_DEVICES"), p.station.threads, p.station.sharers)
        for p in places
    ]


@pytest.mark.usefixtures("gpus")
def test_workers_share_the_cores():
    assert list_stations("workers=3") == [("cpu", None, 5, 3)] * 3
    assert list_stations("workers=3", "threads=2") == [("cpu", None, 2, 3)] * 3
    assert list_stations("workers=40") == [("cpu", None, 1, 40)] * 40
    assert list_stations() == [("cpu", None, 8, 2)] * 2
    assert list_stations(cores=2) == [("cpu", None, 2, 1)]


def test_workers_share_out_the_gpus(gpus, monkeypatch):
    gpus(4)
    assert list_stations() == [("cuda:0", str(i), 4, 1) for i in range(4)]
    assert list_stations("devices=[1,3]") == [("cuda:0", "1", 8, 1), ("cuda:0", "3", 8, 1)]
    assert list_stations("devices=[1,3]", "workers=3") == [
        ("cuda:0", "1", 5, 2),
        ("cuda:0", "3", 5, 2),
        ("cuda:0", "1", 5, 2),
    ]
    assert list_stations("device=cuda:2", "workers=2") == [("cuda:0", "2", 8, 2)] * 2
    assert list_stations("device=cpu", "workers=1") == [("cpu", None, 16, 1)]
    # Of those that this process sees.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-a,GPU-b,GPU-c,GPU-d")
    assert [visible for _, visible, _, _ in list_stations("devices=[2,0]")] == ["GPU-c", "GPU-a"]


def test_gpus_that_are_not_there_are_refused_by_their_setting(gpus):
    gpus(2)
    with pytest.raises(ConfigError, match=r"devices: \[0, 2\] is not there, found 2 CUDA device"):
        list_stations("devices=[0,2]")
    with pytest.raises(ConfigError, match="device: 'cuda:2' is not there, found 2"):
        list_stations("device=cuda:2")
    gpus(0)
    with pytest.raises(ConfigError, match="device: 'cuda' is not there, found 0"):
        list_stations("device=cuda")


def test_workers_of_one_machine_plan_no_more_memory_than_one_process(monkeypatch):
    monkeypatch.setattr("render.compute.memory._available_bytes", lambda: 8_000_000_000)
    monkeypatch.setattr("render.compute.memory.read_free_bytes", lambda: None)
    alone = plan_memory(torch.device("cpu"), 16)
    shared = plan_memory(torch.device("cpu"), 4, 4)
    assert 4 * shared.capacity_bytes <= 2_000_000_000
    assert 4 * shared.capacity_bytes > alone.capacity_bytes / 2
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (40_000_000_000, 80_000_000_000))
    gpu = plan_memory(torch.device("cuda:0"), 4, 2)
    assert gpu.capacity_bytes == CUDA_BATCHES * gpu.batch_bytes <= 2_000_000_000


def test_workers_of_several_gpus_share_the_memory_of_their_machine(gpus, monkeypatch):
    """Photos lie there, whichever GPU draws over them."""
    gpus(8)
    places = find_places(configure("executor=processes", "device=auto"), 64)
    assert {(place.station.sharers, place.station.on_host) for place in places} == {(1, 8)}
    monkeypatch.setattr("render.compute.memory._available_bytes", lambda: 16_000_000_000)
    monkeypatch.setattr("render.compute.memory.read_free_bytes", lambda: None)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (80_000_000_000, 80_000_000_000))
    station = places[0].station
    plan = plan_memory(torch.device("cuda:0"), station.threads, station.sharers, station.on_host)
    assert 8 * plan.capacity_bytes <= 4_000_000_000


def test_spaces_in_the_list_of_visible_gpus_are_no_part_of_names(gpus, monkeypatch):
    gpus(2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3, 5")
    assert [visible for _, visible, _, _ in list_stations()] == ["3", "5"]


@pytest.mark.parametrize(
    ("images", "workers", "on_gpu", "frames", "shards"),
    [
        # Never one: there would be nothing to merge.
        (1, 2, False, 1, 2),
        (100, 2, False, 1, 6),
        # One worker has nobody to wait for.
        (2000, 1, False, 1, 2),
        (2000, 2, False, 1, 16),
        # As many for each.
        (20_000, 3, False, 1, 24),
        (20_000, 8, False, 1, 64),
        (20_000, 2, True, 1, 16),
        (100_000_000, 8, True, 1, 4096),
        # A clip of 90 frames is as much work as 90 sheets, and is not divided.
        (100, 2, False, 90, 16),
        (3, 2, False, 3600, 3),
    ],
)
def test_shards_are_shared_evenly(images, workers, on_gpu, frames, shards):
    assert count_shards(images, workers, on_gpu, frames) == shards


def test_one_process_draws_what_several_would_not_draw_faster(gpus, monkeypatch):
    monkeypatch.setattr(choose, "count_cores", lambda: 16)
    assert not choose.may_be_faster(configure())
    assert choose.may_be_faster(configure("workers=2"))
    monkeypatch.setattr(choose, "count_cores", lambda: 64)
    assert choose.may_be_faster(configure())
    assert not choose.may_be_faster(configure("shard=1/2"))
    assert not choose.may_be_faster(configure("threads=8"))
    gpus(1)
    assert not choose.may_be_faster(configure())
    gpus(8)
    assert choose.may_be_faster(configure())
    assert choose.may_be_faster(configure("devices=[3]"))
    assert not choose.may_be_faster(configure("device=cuda:3"))
