"""Parts of the system as processes of their own, for tests that also kill them."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]


# How long a condition may take to come true on a machine that is very busy. Never a claim.
PATIENCE = 60.0


def free_port() -> int:
    """Return a port that nobody else gets in the next minute.

    It lies below the ports that outgoing connections get. A connection of its own leaves it in
    TIME_WAIT: then the next call of this, in whatever process, passes it by, and yet a server,
    which sets SO_REUSEADDR, may listen on it. Not for threads while others start processes: a
    child has this listener too until it runs its program, and it would seem to answer.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as listener, socket.socket() as client:
            try:
                listener.bind(("127.0.0.1", port))  # refused while it is in TIME_WAIT
            except OSError:
                continue
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.listen(1)
            client.connect(("127.0.0.1", port))
            accepted, _ = listener.accept()
            accepted.close()  # the side that closes first keeps the port in TIME_WAIT
            client.recv(1)
            return port


def wait_until(condition: Callable[[], bool], timeout: float = PATIENCE, what: str = "it") -> None:
    """Poll `condition` until it holds; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {timeout:g} s")
        time.sleep(0.02)


def contents_of(folder: Path) -> list[bytes]:
    """Return what each file in a running process's folder has, all of one moment.

    A broker writes its blocks anew, and takes the old ones away, while one looks.
    """
    while True:
        with contextlib.suppress(FileNotFoundError):
            return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def alive(pid: int) -> bool:
    """Tell whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # before, or while it is read
        return False


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that are still its own."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(path.parent.name))
    return found


def seconds_until(condition: Callable[[], bool], what: str = "it") -> float:
    """Return how long it takes until `condition` holds, which it must in the end."""
    began = time.monotonic()
    wait_until(condition, what=what)
    return time.monotonic() - began


def fastest(attempt: Callable[[], float], enough: float, tries: int = 3) -> float:
    """Return the least of the seconds that `attempt` says it took, in at most so many tries.

    For what is promised within `enough` seconds: a machine that is busy, or stops for a while,
    makes one attempt slow, and a product that is slow makes all of them so.
    """
    least = attempt()
    for _ in range(tries - 1):
        if least >= enough:
            least = min(least, attempt())
    return least


def answers(url: str) -> bool:
    """Tell whether a GET of `url` gives 200; `tcp://HOST:PORT` only has to take a connection."""
    try:
        if url.startswith("tcp://"):
            host, _, port = url.removeprefix("tcp://").partition(":")
            socket.create_connection((host, int(port)), timeout=10).close()
            return True
        with urlopen(url, timeout=10) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def received(connection: socket.socket, end: bytes) -> bytes:
    """Return what comes up to and including `end`, in however many pieces it arrives."""
    connection.settimeout(PATIENCE)
    seen = b""
    while end not in seen:
        piece = connection.recv(65536)
        assert piece, f"the connection ended before {end!r}: {seen!r}"
        seen += piece
    return seen


def received_until_closed(connection: socket.socket) -> bytes:
    """Return what comes until the other side closes."""
    connection.settimeout(PATIENCE)
    return b"".join(iter(lambda: connection.recv(65536), b""))


class Emulator:
    """One `python -m MODULE`, started on enter, stopped on exit, and killed on demand.

    `env` is what it finds in its environment beside what there is.
    """

    def __init__(
        self,
        module: str,
        arguments: list[str],
        port: int,
        ready_url: str,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self._env = dict(env or {})
        self._command = [sys.executable, "-m", module, *arguments]
        self._ready_url = ready_url
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT, env=os.environ | self._env)
        wait_until(self._is_ready, what=f"{self._command[2]} ready")

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"{self._command} ended: {self._process.returncode}"
        return answers(self._ready_url)

    def kill(self) -> None:
        """Kill -9, and wait until the process is gone."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; return the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(PATIENCE)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.is_running:
            self.kill()
