"""The static runtime: functions at fixed addresses, as in a compose file."""

import signal
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import Gateway
from tests.support.processes import received, received_until_closed, wait_until


class Elsewhere(BaseHTTPRequestHandler):
    """A function that runs on its own; answers by closing the connection."""

    def do_GET(self) -> None:
        self.send_response(403 if self.path == "/no" else 200)
        self.end_headers()
        self.wfile.write(b"elsewhere " + self.path.encode())

    def do_UPGRADE(self) -> None:
        self.wfile.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: x\r\n\r\nhello"
        )
        while data := self.rfile.read1(65536):
            self.connection.sendall(data.upper())
            if data.endswith(b"bye"):
                break
        self.close_connection = True

    def parse_request(self) -> bool:
        parsed = super().parse_request()
        if parsed and self.headers.get("Upgrade") == "websocket":
            assert self.headers["Connection"] == "upgrade"
            self.command = "UPGRADE"
        return parsed

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


def test_functions_are_there_without_a_deploy(static_gateway: Any) -> None:
    assert static_gateway.call("GET", "/function/far/x")[2] == b"elsewhere /x"
    assert static_gateway.call("GET", "/x", headers={"Host": "far.default.localhost"})[0] == 200
    assert static_gateway.ask("GET", "/system/functions")[1][0]["name"] == "far"
    assert static_gateway.ready("far") == "True"


def test_a_deploy_changes_a_given_function_and_lasts(static_gateway: Any) -> None:
    answer = static_gateway.deploy("far", image="mayfly/far", timeoutSeconds=7)
    assert answer["status"]["latestCreatedRevisionName"] == "far-00002"
    static_gateway.signal(signal.SIGTERM)
    static_gateway.start()
    spec = static_gateway.service("far")["spec"]["template"]["spec"]
    assert spec["timeoutSeconds"] == 7


@pytest.mark.parametrize(("path", "status"), [("/yes", 202), ("/no", 403)])
def test_a_caller_is_checked_where_annotations_are_given(
    static_gateway: Any, path: str, status: int
) -> None:
    static_gateway.signal(signal.SIGTERM)
    static_gateway.env["MAYFLY_STATIC_ANNOTATIONS"] = f"dev.mayfly.async-check={path}, team=ours"
    static_gateway.start()
    assert static_gateway.call("POST", "/async-function/far/x", "x")[0] == status
    shown = static_gateway.service("far")["spec"]["template"]["metadata"]["annotations"]
    assert shown["team"] == "ours"


def test_scaling_is_refused_with_the_reason(static_gateway: Any) -> None:
    path = "/system/scale-function/far"
    status, answer = static_gateway.ask("POST", path, {"replicas": 0})
    assert status == 400
    assert "does not scale 'far', to zero" in answer["detail"]
    wait_until(lambda: static_gateway.replicas("far") == 1)


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


def test_a_websocket_passes_through(static_gateway: Any) -> None:
    static_gateway.deploy("far", image="mayfly/far")
    fields = b"Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    with socket.create_connection(("127.0.0.1", static_gateway.port)) as raw:
        raw.sendall(b"GET /function/far/ws HTTP/1.1\r\n" + fields + b"early")
        seen = received(raw, b"EARLY")
        assert seen.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert b"\r\nupgrade: websocket\r\n" in seen
        assert b"hello" in seen
        raw.sendall(b"bye")
        assert received_until_closed(raw) == b"BYE"


def test_a_function_that_speaks_no_websocket_answers_plainly(gateway: Any) -> None:
    gateway.deploy("plain")
    fields = {"Connection": "Upgrade", "Upgrade": "websocket"}
    status, headers, _ = gateway.call("GET", "/function/plain/ws", headers=fields)
    assert status == 400  # Flask's own answer
    assert headers["connection"] == "close"
