"""What `./mayfly invoke` sends: a form, or a body with its digest."""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from infra.local.cli import mayfly

Invoke = Callable[..., Result]


class Gateway(BaseHTTPRequestHandler):
    """Keeps what it gets."""

    seen: tuple[dict[str, str], bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).seen = {key.lower(): value for key, value in self.headers.items()}, body
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def invoke(tmp_path: Path) -> Iterator[Invoke]:
    server = HTTPServer(("127.0.0.1", 0), Gateway)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    (tmp_path / "key").write_text("mf_key")
    env = {"MAYFLY_HOME": str(tmp_path), "MAYFLY_GATEWAY_PORT": str(server.server_port)}
    yield lambda *words: CliRunner().invoke(mayfly, ["invoke", "datasets", *words], env=env)
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_form_has_files_and_fields(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,2\n")
    done = invoke("/datasets", "-F", "name=Sea", "-F", f"file=@{tmp_path / 'x.csv'}")
    assert done.exit_code == 0, done.output
    headers, body = Gateway.seen
    assert headers["content-type"].startswith("multipart/form-data; boundary=")
    assert headers["authorization"] == "Bearer mf_key"
    assert b'name="name"\r\n\r\nSea\r\n' in body
    assert b'name="file"; filename="x.csv"' in body
    assert b"\r\n\r\na,b\n1,2\n\r\n" in body


def test_a_body_goes_with_its_digest(invoke: Invoke) -> None:
    assert invoke("/datasets", "-t", "text/csv", "-d", "a,b\n1,2\n").exit_code == 0
    headers, body = Gateway.seen
    told = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert (body, headers["content-type"]) == (b"a,b\n1,2\n", "text/csv")
    assert headers["content-digest"] == f"sha-256=:{told}:"


def test_what_is_no_field_and_what_is_both_is_refused(invoke: Invoke) -> None:
    wrong = invoke("/datasets", "-F", "file")
    assert (wrong.exit_code, "NAME=TEXT or NAME=@FILE" in wrong.output) == (2, True)
    both = invoke("/datasets", "-F", "a=b", "-d", "x")
    assert (both.exit_code, "not both" in both.output) == (2, True)
