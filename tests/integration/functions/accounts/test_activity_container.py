"""A function as in a container, and what it tells `accounts` when it is told to end."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from functions.kit.adapters.calls import step_tokens
from functions.kit.contract.activity import Batch
from tests.support.processes import PATIENCE, ROOT, Emulator, free_port

SECRET = "a secret of both"
CALL = step_tokens.Call("POST", "accounts", "/activity")


class Accounts:
    """A server in the place of `accounts`, which keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Batch]] = []
        told = self.told

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                token = self.headers["Authorization"].removeprefix("Step ")
                signer = step_tokens.signer_of(token, SECRET, CALL)
                told.append((signer.name if signer else "", msgspec.json.decode(body, type=Batch)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Write nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    accounts = Accounts()
    yield accounts
    accounts.close()


def test_a_container_that_ends_tells_the_rest(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    for name, value in {
        "FUNCTION_SOURCE": str(ROOT / "functions" / "models" / "main.py"),
        "PORT": str(port),
        "MAYFLY_STEP_SECRET": SECRET,
        "MAYFLY_ACTIVITY": "on",
        "MAYFLY_FUNCTION_URL": f"http://127.0.0.1:{accounts.port}/function/{{name}}{{path}}",
    }.items():
        monkeypatch.setenv(name, value)
    ready = f"http://127.0.0.1:{port}/_/ready"
    with Emulator("functions.kit.http.serve", [], port, ready) as process:
        paths = [f"/models/{number}" for number in range(3)]
        for path in paths:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", path)
            assert connection.getresponse().status == 401
            connection.close()
        assert process.stop() == 0
    assert {name for name, _ in accounts.told} == {"models"}
    assert [line.path for _, batch in accounts.told for line in batch.lines] == paths
