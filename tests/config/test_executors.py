"""Settings of what works on a run, which go together or are refused by the name of their key."""

import pytest

from render.errors import ConfigError
from tests.helpers.runs import configure


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["executor=threads", "workers=2"], "^workers: executor=threads is one process; expected 0, found 2"),
        (["workers=5000"], "^workers: expected 0 to 4096, found 5000"),
        (
            ["executor=processes", "shard=1/2"],
            "^executor: shard=1/2 is done by one process, and exec",
        ),
        (["executor=ray", "shard=1/2"], "^executor: shard=1/2 is done by one process, and executor=ray asks"),
        (["workers=2", "shard=3/64"], "^executor: shard=3/64 is done by one process, and workers=2 asks"),
        (["devices=[0,1]", "shard=3/64"], "^executor: shard=3/64 .* devices=.0, 1. asks for several"),
        (["executor=processes", "job=figure"], "^executor: job=figure is done by one process"),
        (["executor.address=ray://me:password@host:1"], "^executor.address: .* found ray://...@host:1 with"),
        (
            ["devices=[0,0]"],
            r"^devices: expected numbers of GPUs, each once, .*, found \[0, 0\]",
        ),
        (["devices=[-1]"], "^devices: expected numbers of GPUs"),
        (["devices=[0]", "executor=ray"], "^devices: .* found executor=ray; leave them out$"),
        (["devices=[1]", "executor=threads"], "^devices: .* leave them out, and set device=cuda:N for one"),
        (["devices=[0,1]", "device=cpu"], "^devices: expected device=auto beside .* found device=cpu"),
        (["devices=[0,1]", "device=cuda:1"], "^devices: expected device=auto beside"),
        (["executor=ray", "executor.gpus=1.5"], "^executor.gpus: expected 0, 0.01 to 1, or a whole number"),
        (["executor=ray", "executor.gpus=0.00001"], "^executor.gpus: expected 0, .*, found 1e-05"),
        (["executor=ray", "executor.gpus=nan"], "^executor.gpus: expected 0 to 64, found nan"),
        (["executor.address=auto"], "^executor.address: .* executor=ray, found auto with executor=auto"),
        (["executor=processes", "executor.cpus=4"], "^executor.cpus: .* found 4 with executor=processes"),
    ],
)
def test_what_does_not_go_together_is_refused(words, message):
    with pytest.raises(ConfigError, match=message):
        configure(*words)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["executor=processes", "workers=4", "threads=2"],
        ["workers=2"],
        ["devices=[0,3]", "device=cuda"],
        ["executor=ray", "workers=8", "executor.gpus=0.5"],
        ["executor=ray", "executor.address=host:6379"],
        ["executor=threads", "shard=1/2"],
        ["job=figure"],
    ],
)
def test_what_goes_together_is_taken(words):
    configure(*words)
