"""Pages of strangers, which browsers let open web sockets to this machine, are shown nothing."""

import pytest
import viser
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from render.viewer.scenes.server import serve
from render.viewer.scenes.strangers import is_stranger


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        ([], False),
        (["http://127.0.0.1:8080"], False),
        (["http://localhost:9000"], False),
        (["http://[::1]:8080"], False),
        (["https://example.com"], True),
        # Whose name leads here for now.
        (["http://example.com:8080"], True),
        (["http://127.0.0.1.example.com"], True),
        (["http://localhost@example.com"], True),
        (["null"], True),
        (["file://"], True),
        ([""], True),
        (["http://[::1"], True),
        (["http://localhost", "http://example.com"], True),
    ],
)
def test_whose_page_asks(origins, expected):
    assert is_stranger(origins) == expected


def test_only_its_own_page_sees_the_scene():
    protocol = [f"viser-v{viser.__version__}"]
    with serve() as server:
        address = f"127.0.0.1:{server.get_port()}"
        with connect(f"ws://{address}", origin=f"http://{address}", subprotocols=protocol) as socket:
            assert socket.recv(timeout=20)
        with pytest.raises(InvalidStatus, match="403"):
            connect(f"ws://{address}", origin="http://example.com", subprotocols=protocol)
