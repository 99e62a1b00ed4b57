"""How much of a cluster a worker takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from render.errors import ConfigError
from render.run.engines.cluster.resources import (
    MOST_IDLE,
    Demand,
    Node,
    choose_demand,
    count_places,
    explain_waiting,
    list_nodes,
    make_station,
)
from tests.helpers.runs import configure


def make_nodes(*sizes: tuple[int, float]) -> list[Node]:
    return [Node(f"n{k}", cpus, gpus) for k, (cpus, gpus) in enumerate(sizes)]


def choose(nodes: list[Node], *words: str) -> Demand:
    return choose_demand(configure("executor=ray", *words), nodes)


def test_nodes_that_are_gone_are_not_counted():
    found = [
        {"Alive": True, "NodeManagerHostname": "a", "Resources": {"CPU": 4.0, "GPU": 1.0}},
        {"Alive": False, "NodeManagerHostname": "b", "Resources": {"CPU": 8.0}},
        # A head that is to do nothing else.
        {"Alive": True, "NodeManagerHostname": "c", "Resources": {"memory": 1e9}},
    ]
    assert list_nodes(found) == [Node("a", 4, 1.0), Node("c", 0, 0.0)]


@pytest.mark.parametrize(
    ("sizes", "words", "expected", "places"),
    [
        # A GPU each, with its share of the CPUs.
        ([(32, 4.0)], [], Demand(8, 1.0), 4),
        ([(4, 0.0), (32, 4.0), (16, 1.0)], [], Demand(8, 1.0), 5),
        ([(32, 4.0)], ["executor.gpus=0.5"], Demand(4, 0.5), 8),
        ([(32, 4.0)], ["executor.gpus=2", "executor.cpus=6"], Demand(6, 2.0), 2),
        # Not those of others, nor where there are none.
        ([(32, 4.0)], ["device=cpu"], Demand(8, 0.0), 4),
        ([(32, 0.0)], ["device=cuda"], Demand(1, 1.0), 0),
        # No more than one interpreter's lock lets work, and few left over.
        ([(8, 0.0), (8, 0.0)], [], Demand(8, 0.0), 2),
        ([(64, 0.0)], [], Demand(8, 0.0), 8),
        ([(2, 0.0), (16, 0.0), (16, 0.0)], [], Demand(8, 0.0), 4),
        ([(6, 0.0), (4, 0.0)], [], Demand(3, 0.0), 3),
        ([(1, 0.0), (1, 0.0)], [], Demand(1, 0.0), 2),
        # As many as are asked for.
        ([(8, 0.0), (8, 0.0)], ["workers=4"], Demand(4, 0.0), 4),
        ([(8, 0.0)], ["workers=1", "threads=3"], Demand(3, 0.0), 2),
        # Of a cluster that has to grow.
        ([(4, 0.0)], ["workers=100"], Demand(4, 0.0), 1),
        ([(0, 0.0)], ["workers=100"], Demand(1, 0.0), 0),
        ([], [], Demand(1, 0.0), 0),
    ],
)
def test_what_a_worker_takes(sizes, words, expected, places):
    nodes = make_nodes(*sizes)
    assert choose(nodes, *words) == expected
    assert count_places(expected, nodes) == places


@given(st.lists(st.integers(0, 200), max_size=9))
def test_few_cpus_are_left_idle(cpus):
    nodes = make_nodes(*[(count, 0.0) for count in cpus])
    demand = choose(nodes)
    assert demand.cpus * count_places(demand, nodes) >= (1 - MOST_IDLE) * sum(cpus)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["device=cuda:1"], r"device: Ray says which GPU is whose; .* found cuda:1"),
        (["device=cpu", "executor.gpus=1"], r"executor.gpus: expected 0 with device=cpu, found 1"),
    ],
)
def test_settings_that_ray_decides_are_refused(words, message):
    with pytest.raises(ConfigError, match=message):
        choose(make_nodes((8, 1.0)), *words)


def test_workers_that_share_a_gpu_or_a_node_share_its_memory():
    nodes, config = make_nodes((32, 4.0), (16, 0.0)), configure("executor=ray")
    halved = make_station(config, Demand(4, 0.5), nodes, tells_opening=False)
    assert (halved.device, halved.threads, halved.sharers) == ("cuda", 4, 2)
    whole = make_station(config, Demand(4, 1.0), nodes, tells_opening=False)
    assert (whole.sharers, whole.on_host) == (1, 4)
    on_cpus = make_station(config, Demand(8, 0.0), nodes, tells_opening=True)
    assert (on_cpus.device, on_cpus.sharers, on_cpus.tells_opening) == ("cpu", 4, True)


def test_who_waits_is_told_what_there_is():
    demand = Demand(8, 1.0)
    assert "8 CPUs and 1 GPUs, and the nodes n0 (4 CPUs, 0 GPUs): none has as much" in (
        explain_waiting(demand, make_nodes((4, 0.0)), 31.2)
    )
    many = explain_waiting(demand, make_nodes(*[(8, 1.0)] * 9), 31.2)
    assert "n5 (8 CPUs, 1 GPUs) and 3 more: all are busy, or about to start it" in many
