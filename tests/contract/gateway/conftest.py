"""A gateway for clients that know nothing of it, and kubectl pointed at it."""

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from tests.integration.gateway.conftest import Broker, Gateway
from tests.support.tools import program

LIMIT = 60  # seconds for one command


class Kubectl:
    """The real kubectl.

    Args:
        program: Where it is.
        gateway: What it talks to.
        home: Where it keeps its caches.
    """

    def __init__(self, program: str, gateway: Gateway, home: Path) -> None:
        self.gateway = gateway
        self._program = program
        self._env = {
            **os.environ,
            "HOME": str(home),
            "KUBECONFIG": str(gateway.data / "kubeconfig"),
        }

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [self._program, *arguments]
        return subprocess.run(
            command,
            check=False,
            env=self._env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """What a command that succeeds prints."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def fails(self, *arguments: str, stdin: str = "") -> str:
        """What a command that does not succeed says."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode != 0, done.stdout
        return done.stderr

    def apply(self, text: str, *arguments: str) -> str:
        return self("apply", "-f", "-", *arguments, stdin=text)

    def read(self, *arguments: str) -> Any:
        return json.loads(self("get", *arguments, "-o", "json"))

    @contextlib.contextmanager
    def following(self, *arguments: str) -> Iterator[Callable[[], list[list[str]]]]:
        """A command that goes on; what is given tells the rows that it has printed so far."""
        with tempfile.TemporaryFile("w+") as file:
            process = subprocess.Popen([self._program, *arguments], env=self._env, stdout=file)
            try:
                yield lambda: _rows(file)
            finally:
                process.kill()
                process.wait()


def _rows(file: IO[str]) -> list[list[str]]:
    text = os.pread(file.fileno(), 1 << 20, 0).decode()
    return [line.split() for line in text.splitlines()]


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = Broker(tmp_path_factory.mktemp("nats"))
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture(scope="session")
def gateway(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway for all; each test deploys under names of its own."""
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), broker.port)
    gateway.start()
    yield gateway
    gateway.end()


@pytest.fixture(scope="session")
def kubectl(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    kubectl = program("kubectl", package="kubernetes-client")
    return Kubectl(kubectl, gateway, tmp_path_factory.mktemp("home"))
