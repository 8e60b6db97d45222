"""A launcher of the test's own: its own folder and ports, and only the quick parts."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.stack import own_system
from infra.local.system.processes import MARK
from tests.support.processes import free_port

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv" / "bin" / "python"
QUICK = ["--only", "storage", "--only", "nats"]
PORTS = ("WEB", "GATEWAY", "GATEWAY_METRICS", "GRPC", "FIRESTORE", "STORAGE", "NATS")


@dataclass
class Launcher:
    """Runs `./mayfly` and looks at what it leaves."""

    home: Path
    env: dict[str, str]

    def mayfly(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PYTHON, "-m", "infra.local", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    def up(self, *options: str) -> None:
        done = self.mayfly("up", "--detach", *QUICK, *options)
        assert done.returncode == 0, done.stdout + done.stderr

    def foreground(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PYTHON, "-m", "infra.local", "up", *QUICK],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run_file(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "run.json").read_text())
        return found

    def pid(self, part: str) -> int:
        run = self.run_file()
        pid: int = run["launcher"]["pid"] if part == "launcher" else run["parts"][part]["pid"]
        return pid

    def kill(self, part: str) -> None:
        os.kill(self.pid(part), signal.SIGKILL)

    def remains(self) -> list[str]:
        """Return the command line of every process that still belongs to this stack."""
        mark = f"{MARK}={self.home}".encode()
        return [line for folder in Path("/proc").glob("[0-9]*") if (line := _command(folder, mark))]

    def port(self, name: str) -> int:
        return int(self.env[f"MAYFLY_{name}_PORT"])


def _command(folder: Path, mark: bytes) -> str:
    try:
        if mark not in (folder / "environ").read_bytes().split(b"\0"):
            return ""
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    ports = {f"MAYFLY_{name}_PORT": str(free_port()) for name in PORTS}
    launcher = Launcher(
        tmp_path / "home", own_system() | ports | {"MAYFLY_HOME": str(tmp_path / "home")}
    )
    yield launcher
    launcher.mayfly("down")
    assert launcher.remains() == []
