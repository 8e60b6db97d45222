"""The static runtime: functions at fixed addresses, as in a compose file."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import Gateway


class Elsewhere(BaseHTTPRequestHandler):
    """A function that runs on its own; answers by closing the connection."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"elsewhere " + self.path.encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def static_gateway(broker: Any, tmp_path: Path) -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    gateway = Gateway(tmp_path, broker.port)
    gateway.env["MAYFLY_STATIC_FUNCTIONS"] = f"far=http://127.0.0.1:{server.server_port}"
    gateway.start()
    yield gateway
    gateway.end()
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_known_name_deploys_and_is_proxied(static_gateway: Any) -> None:
    static_gateway.deploy("far", image="mayfly/far")
    for _ in range(3):
        status, _, body = static_gateway.call("GET", "/function/far/x?y")
        assert (status, body) == (200, b"elsewhere /x?y")


def test_an_unknown_name_is_refused(static_gateway: Any) -> None:
    spec = {"service": "near", "image": "mayfly/near"}
    status, answer = static_gateway.ask("POST", "/system/functions", spec)
    assert status == 400
    assert "MAYFLY_STATIC_FUNCTIONS" in answer["remedy"]
