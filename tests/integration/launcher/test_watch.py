"""`up --watch` for real: a saved file is a new revision within a second."""

import re
import urllib.request
from pathlib import Path
from typing import Any

from infra.local import settings
from infra.local.stack import daemon
from tests.support.processes import PATIENCE, fastest, seconds_until, wait_until

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
        with urllib.request.urlopen(url, timeout=PATIENCE) as found:
            return str(found.read().decode())

    log = daemon.log_file(settings.from_env(launcher.env))
    served = "version 1"
    wait_until(lambda: answer() == served)
    wait_until(lambda: "watching the sources of edited" in log.read_text())
    versions = iter(("2", "3", "4"))

    def save() -> float:
        nonlocal served
        served = f"version {next(versions)}"
        (folder / "main.py").write_text(MAIN.format(served[-1]))
        return seconds_until(lambda: answer() == served, f"{served} in service")

    seconds = fastest(save, enough=3)
    print(f"from saving to serving: {seconds:.2f} s")
    assert seconds < 3  # a second on a machine that is not busy
    (folder / "main.py").write_text("raise RuntimeError('not today')\n")
    wait_until(lambda: re.search("goes on serving(.|\n)*not today", log.read_text()) is not None)
    assert answer() == served
