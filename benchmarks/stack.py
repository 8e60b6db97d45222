"""A whole Mayfly of one's own, started by the launcher of a tree of sources, on free ports."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.support.processes import free_port

ROOT = Path(__file__).resolve().parents[1]
# NATS_MONITOR is of trees that are compared with this one.
PORTS = (
    *("WEB", "GATEWAY", "GATEWAY_METRICS", "GRPC", "FIRESTORE", "STORAGE", "NATS"),
    "NATS_MONITOR",
)
LONGEST = 600.0  # seconds that any command of the launcher may take


def free_ports(number: int) -> list[int]:
    """Return ports that nobody else gets in the next minute."""
    return [free_port() for _ in range(number)]


def _chosen_ports() -> dict[str, str]:
    numbers = free_ports(len(PORTS))
    return {f"MAYFLY_{name}_PORT": str(port) for name, port in zip(PORTS, numbers, strict=True)}


def end_in_order() -> None:
    """Let SIGTERM end this program as Ctrl-C does, so that what it started is ended, too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


# What would have its command line speak to another system.
_ELSEWHERE = (
    *("MAYFLY_URL", "MAYFLY_KEY", "MAYFLY_WEB_URL"),
    *("MAYFLY_GATEWAY_URL", "MAYFLY_FUNCTION_URL", "MAYFLY_NAMESPACE", "MAYFLY_INGRESS"),
)


def own_system() -> dict[str, str]:
    """Return this process's environment without what names another system."""
    return {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}


@dataclass(frozen=True)
class Stack:
    """A Mayfly that `up` starts and `down` ends.

    Attributes:
        home: its folder.
        root: the tree whose code runs; it may be another than the one that measures.
        extra: further environment variables; may be added to until it is started.
        only: the parts to start; all where it is empty.
    """

    home: Path
    root: Path = ROOT
    extra: dict[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    ports: dict[str, str] = field(default_factory=_chosen_ports)

    @property
    def gateway_url(self) -> str:
        """Where functions are called."""
        return f"http://{self.address('GATEWAY')}"

    @property
    def web_url(self) -> str:
        """Where the pages are."""
        return f"http://{self.address('WEB')}"

    def address(self, name: str) -> str:
        """HOST:PORT of one of PORTS."""
        return f"127.0.0.1:{self.port(name)}"

    def port(self, name: str) -> int:
        """Return the number of one of PORTS."""
        return int(self.ports[f"MAYFLY_{name}_PORT"])

    @property
    def key(self) -> str:
        """The first API key."""
        return (self.home / "key").read_text().strip()

    @property
    def password(self) -> str:
        """The password of the gateway's administration."""
        return (self.home / "gateway-password").read_text().strip()

    def up(self) -> None:
        """Start it, and return when it is ready; exit with what it said where it does not start."""
        only = [word for part in self.only for word in ("--only", part)]
        done = self.mayfly("up", "--detach", *only)
        if done.returncode != 0:
            sys.exit(f"The Mayfly of {self.root} does not start:\n{done.stdout}{done.stderr}")

    def down(self) -> None:
        """Stop it, whatever state it is in; exit with what it said where it does not stop."""
        done = self.mayfly("down")
        if done.returncode != 0:
            sys.exit(f"The Mayfly of {self.root} does not stop:\n{done.stdout}{done.stderr}")

    def status(self) -> dict[str, dict[str, Any]]:
        """Return name → {pid, ready, ...} of every part; nothing where the launcher is gone."""
        found = json.loads(self.mayfly("status", "--json").stdout)
        return {part["name"]: part for part in found.get("parts", ())}

    def client(self) -> httpx.Client:
        """Return an HTTP client of the functions, with the first key."""
        return self._client(self.key)

    def newcomer(self, **more: str) -> httpx.Client:
        """Return a client of somebody in a workspace of their own, whose account it makes.

        `more` is of the account: its `plan`, say.
        """
        own = {"email": f"{uuid4().hex}@example.org", "password": uuid4().hex}
        with self.client() as client:
            made = client.post("/accounts/accounts", json={**own, "name": "Newcomer", **more})
            signed = client.post("/accounts/sign-in", json=own)
        if not (made.is_success and signed.is_success):
            sys.exit(f"No account is made: {made.text}\n{signed.text}")
        return self._client(signed.json()["token"])

    def _client(self, credential: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {credential}"}
        return httpx.Client(base_url=f"{self.gateway_url}/function", headers=headers, timeout=120)

    def sign_in_link(self) -> str:
        """Return the address that signs the owner in, one time; exit where nobody gives one.

        By the command, which knows where functions are on whichever platform the stack is.
        """
        done = self.mayfly("invoke", "accounts", "/sign-in/links", "--method", "POST")
        if done.returncode != 0:
            sys.exit(f"No way into the pages of {self.root}:\n{done.stdout}{done.stderr}")
        return f"{self.web_url}/sign-in/link?token={json.loads(done.stdout)['token']}"

    def mayfly(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the tree's `./mayfly`, by the interpreter that runs this.

        Not by that script itself, which would bring the environment up to the tree's lock file.
        """
        return subprocess.run(
            [sys.executable, "-m", "infra.local", *arguments],
            cwd=self.root,
            env=self.environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )

    def environment(self) -> dict[str, str]:
        """Return the variables that point a Mayfly, and what measures it, here."""
        own = {"MAYFLY_HOME": str(self.home), "PYTHONPATH": str(self.root)}
        return {**own_system(), **self.ports, **own, **self.extra}


@contextlib.contextmanager
def started(stack: Stack) -> Iterator[Stack]:
    """Start a Mayfly, and end it whatever happens."""
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@contextlib.contextmanager
def own_stack() -> Iterator[Stack]:
    """Start a Mayfly in a folder that is deleted in the end."""
    with (
        tempfile.TemporaryDirectory(prefix="mayfly-benchmark-") as home,
        started(Stack(Path(home))) as stack,
    ):
        yield stack
