"""What Ray says of workers that are lost, as it says it, in a few words."""

import pytest

from render.run.engines.cluster.losses import describe_loss, find_missing_package

KILLED = """The actor died unexpectedly before finishing this task.
\tclass_name: Actor
\tpid: 28419
The actor is dead because its worker process has died. Worker exit type: SYSTEM_ERROR Worker exit detail: \
Worker unexpectedly exits with a connection error code 2. End of file. Some common causes include: (1) the \
process was killed by the OOM killer due to high memory usage, (2) ray stop --force was called, or (3) the \
worker crashed unexpectedly due to SIGSEGV or another unexpected error."""
UNREACHABLE = (
    "The actor 550f14bfa91403d79c85fa7e01000000 is unavailable: The actor is temporarily unavailable: "
    "RpcError: RPC error: Socket closed rpc_code: 14. "
    "The task may or may not have been executed on the actor."
)
GONE = (
    "The actor died because its node has died. Node Id: 26e2\n\tthe actor's node was terminated unexpectedly"
)
NOT_INSTALLED = """The actor died because of an error raised in its creation task, ray::Actor.__init__()
RuntimeError: The actor with name Actor failed to import on the worker. This may be because needed library \
dependencies are not installed in the worker environment:

ModuleNotFoundError: No module named 'render.run'"""


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("ActorUnavailableError", UNREACHABLE, "its node n1 does not answer"),
        ("ActorDiedError", GONE, "its node n1 is gone"),
        ("OutOfMemoryError", "Task was killed", "its node n1 was out of memory"),
        (
            "ActorDiedError",
            KILLED,
            "its process on n1 ended: Worker unexpectedly exits with a connection error",
        ),
        ("RayTaskError(ValueError)", "boom", "its process on n1 ended: RayTaskError(ValueError): boom"),
    ],
)
def test_why_a_worker_is_lost(kind, said, expected):
    words = describe_loss("n1", kind, said)
    assert words.startswith(expected)
    assert len(words) < 300
    assert "\n" not in words


def test_a_package_that_is_missing_is_named():
    assert find_missing_package(NOT_INSTALLED) == "render"
    assert find_missing_package(KILLED) is None
