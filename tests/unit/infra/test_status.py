"""What `./mayfly status` says of a gateway that does not tell its functions."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra.local.cli import mayfly
from infra.local.stack.runfile import Run, RunFile
from infra.local.system.processes import identify
from tests.support.processes import free_port


def status(home: Path, port: int, *options: str) -> Result:
    """Call it where this process stands for the launcher and for the gateway."""
    me = identify(os.getpid())
    assert me is not None
    RunFile(home).write(Run(me, "ready", {"gateway": me}))
    env = {"MAYFLY_HOME": str(home), "MAYFLY_GATEWAY_PORT": str(port), "COLUMNS": "200"}
    return CliRunner().invoke(mayfly, ["status", *options], env=env)


@pytest.fixture
def strict_port() -> Iterator[int]:
    """A gateway that answers, but does not take the password."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401 if self.path.startswith("/system/functions") else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


def test_an_absent_gateway_is_not_one_without_functions(tmp_path: Path) -> None:
    port = free_port()
    found = status(tmp_path, port, "--json")
    assert found.exit_code == 1
    shown = json.loads(found.stdout)
    assert shown["functions"] is None
    assert shown["status"] == "failing"
    assert f"The gateway at http://127.0.0.1:{port} does not answer" in shown["reason"]
    said = status(tmp_path, port)
    assert said.exit_code == 1
    assert "The functions are not known. The gateway at http" in said.output
    for text in (shown["reason"], said.output):  # who asks for the status is not sent to it again
        assert "./mayfly status" not in text
    assert "./mayfly logs gateway" in said.output


def test_a_gateway_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hung:  # connects, and never answers
        began = time.monotonic()
        found = status(tmp_path, hung.getsockname()[1], "--json")
        seconds = time.monotonic() - began
    shown = json.loads(found.stdout)
    assert [part["ready"] for part in shown["parts"]] == [False]
    assert "does not answer (timed out)" in shown["reason"]
    assert found.exit_code == 1
    assert seconds < 20  # its parts, and then its functions, are given 2 s each


def test_a_gateway_that_refuses_is_not_one_without_functions(
    tmp_path: Path, strict_port: int
) -> None:
    found = status(tmp_path, strict_port, "--json")
    shown = json.loads(found.stdout)
    assert shown["functions"] is None
    assert "wrong password" in shown["reason"]
    assert found.exit_code == 1
