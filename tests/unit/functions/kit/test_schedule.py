"""The schedule that compose runs, over real HTTP."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.processes import ROOT, free_port, wait_until


class Asked(BaseHTTPRequestHandler):
    """Notes what is asked, and fails every second time."""

    paths: list[str] = []  # noqa: RUF012 - one server a test

    def do_POST(self) -> None:
        self.paths.append(self.path)
        self.send_response(204 if len(self.paths) % 2 else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_each_url_is_asked_again_and_again_whatever_it_answers() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    urls = [f"http://127.0.0.1:{port}/a" for port in (free_port(), server.server_port)]
    command = [
        sys.executable,
        "-m",
        "functions.kit.adapters.steps.schedule",
        "--every",
        "0.05",
        *urls,
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: len(Asked.paths) > 2, what="three rounds")
        finally:
            process.kill()
            said, _ = process.communicate()
    server.shutdown()
    server.server_close()
    assert set(Asked.paths) == {"/a"}
    assert f"{urls[1]} 204\n" in said
    assert f"{urls[1]} failed: HTTP Error 503" in said
    assert f"{urls[0]} failed:" in said
