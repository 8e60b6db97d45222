"""A schedule that asks once, as a CronJob runs it."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.processes import ROOT


class Answers(BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    def do_POST(self) -> None:
        self.send_response(int(self.path[1:]))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("paths", "code"), [(("/204",), 0), (("/204", "/200"), 0), (("/503", "/204"), 1)]
)
def test_each_url_is_asked_once_and_a_failure_is_the_job_s(paths: tuple[str, ...], code: int):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    urls = [f"http://127.0.0.1:{server.server_port}{path}" for path in paths]
    command = [sys.executable, "-m", "functions.kit.adapters.steps.schedule", "--once", *urls]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert done.returncode == code, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == urls
