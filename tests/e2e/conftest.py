"""A whole Mayfly of the tests' own: its own home folder and free ports, through the launcher."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.processes import free_port

ROOT = Path(__file__).parents[2]
PORTS = ("WEB", "GATEWAY", "GATEWAY_METRICS", "FIRESTORE", "STORAGE", "NATS")


@dataclass
class Stack:
    """A running stack, spoken to as its user would."""

    home: Path
    env: dict[str, str]

    @property
    def web_url(self):
        return f"http://127.0.0.1:{self.env['MAYFLY_WEB_PORT']}"

    @property
    def gateway_url(self):
        return f"http://127.0.0.1:{self.env['MAYFLY_GATEWAY_PORT']}"

    @property
    def key(self):
        return (self.home / "key").read_text().strip()

    def mayfly(self, *arguments, timeout=600):
        return subprocess.run(
            [ROOT / "mayfly", *arguments],
            env=self.env,
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def status(self):
        """Return name → {pid, ready, ...} of every part."""
        found = json.loads(self.mayfly("status", "--json").stdout)
        return {part["name"]: part for part in found["parts"]}

    def queued(self, content=b""):
        """Queue a call, which its function will refuse; return the gateway's answer."""
        url = f"{self.gateway_url}/async-function/datasets/datasets/none/records"
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.post(url, content=content, headers=headers, timeout=30)

    def client(self):
        """Return an HTTP client of the functions."""
        headers = {"Authorization": f"Bearer {self.key}"}
        base = f"{self.gateway_url}/function"
        return httpx.Client(base_url=base, headers=headers, timeout=120)


def prepare(home):
    """Return a stack that is not started yet."""
    chosen = {f"MAYFLY_{name}_PORT": str(free_port()) for name in PORTS}
    return Stack(home, os.environ | chosen | {"MAYFLY_HOME": str(home)})


def run(home):
    stack = prepare(home)
    started = stack.mayfly("up", "--detach")
    if started.returncode != 0:
        pytest.fail(f"up failed:\n{started.stdout}{started.stderr}")
    try:
        yield stack
    finally:
        stopped = stack.mayfly("down")
        assert stopped.returncode == 0, stopped.stdout + stopped.stderr


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """The stack that stories share."""
    yield from run(tmp_path_factory.mktemp("stack"))


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory):
    """A stack for one module, which may do to it what it likes."""
    yield from run(tmp_path_factory.mktemp("own-stack"))


@pytest.fixture
def new_stack(tmp_path):
    """A stack that the test starts itself; stopped at the end all the same."""
    stack = prepare(tmp_path / "home")
    yield stack
    stack.mayfly("down")
