"""`up --watch` for real: a saved file is a new revision within a second."""

import time
import urllib.request
from pathlib import Path
from typing import Any

from infra.local import settings
from infra.local.stack import daemon
from tests.support.processes import wait_until

MAIN = "def handle(request):\n    return 'version {}'\n"


def test_a_saved_file_serves_within_a_second_and_a_broken_one_does_not(
    launcher: Any, tmp_path: Path
) -> None:
    launcher.env["MAYFLY_PRELOAD"] = "functions_framework,granian._granian,granian.wsgi"
    folder = tmp_path / "edited"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN.format(1))
    parts = ["--only", "nats", "--only", "gateway"]
    started = launcher.mayfly("up", "--detach", "--watch", *parts)
    assert started.returncode == 0, started.stdout + started.stderr
    done = launcher.mayfly("deploy", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr

    def answer() -> str:
        url = f"http://127.0.0.1:{launcher.port('GATEWAY')}/function/edited"
        with urllib.request.urlopen(url, timeout=10) as found:
            return str(found.read().decode())

    log = daemon.log_file(settings.from_env(launcher.env))
    wait_until(lambda: answer() == "version 1")
    wait_until(lambda: "watching the sources of edited" in log.read_text())
    began = time.monotonic()
    (folder / "main.py").write_text(MAIN.format(2))
    wait_until(lambda: answer() == "version 2")
    seconds = time.monotonic() - began
    print(f"from saving to serving: {seconds:.2f} s")
    assert seconds < 3  # a second on a machine that is not busy
    (folder / "main.py").write_text("raise RuntimeError('not today')\n")
    wait_until(lambda: "not today" in log.read_text())
    assert "goes on serving" in log.read_text()
    assert answer() == "version 2"
