"""Asynchronous calls accepted, then ``kill -9`` of the gateway, of NATS, and of both.

``python -m benchmarks.gateway.kills [--calls 1000]``: every call is to be carried out after the
restart. Those carried out more than once (at least once is the promise) keep their call id.
"""

import argparse
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.gateway.harness import NAME, Running
from benchmarks.gateway.rolling_update import put
from benchmarks.stack import ROOT, free_ports

CODE = """
import time

def handle(request):
    time.sleep(0.2)  # so that most are waiting when the kill comes
    with open(request.args["file"], "a") as file:
        file.write(request.headers["X-Call-Id"] + "\\n")
    return "noted"
"""
PASSWORD = "benchmark"
LIMIT = 60.0


class Stack:
    """A gateway and a NATS server that may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._metrics, self._nats = free_ports(3)
        (folder / "password").write_text(PASSWORD)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, part: str) -> None:
        """Start ``gateway`` or ``nats`` and wait until it answers."""
        env = {
            **os.environ,
            "GATEWAY_PASSWORD_FILE": str(self.folder / "password"),
            "MAYFLY_PRELOAD": "functions_framework,granian._granian,granian.wsgi",
            "GATEWAY_ACK_WAIT": "2",
            "NATS_TOKEN_FILE": str(self.folder / "token"),
        }
        nats, gateway = str(self._nats), str(self.port)
        own = {
            "nats": ["emulators.broker", "--host", "127.0.0.1", "--port", nats],
            "gateway": [
                *["emulators.gateway", "--port", gateway, "--metrics-port", str(self._metrics)],
                *["--nats", f"nats://127.0.0.1:{nats}", "--root", str(ROOT)],
            ],
        }
        command = [sys.executable, "-m", *own[part], "--data", str(self.folder / part)]
        with (self.folder / f"{part}.log").open("ab") as log:
            self._processes[part] = subprocess.Popen(
                command, cwd=ROOT, env=env, stderr=log, stdout=log
            )
        port = self.port if part == "gateway" else self._nats
        Running.wait_for(lambda: _listens(port))

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> None:
        """End a part."""
        process = self._processes.pop(part)
        process.send_signal(number)
        process.wait(30)

    def running(self) -> Running:
        """Return what the harness's helpers take."""
        return Running(self.port, self.folder / "gateway", self._processes["gateway"])


def _listens(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.connect()
    except OSError:
        return False
    connection.close()
    return True


def send(stack: Stack, notes: Path, calls: int) -> set[str]:
    """Have calls accepted; return their ids."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=30)
    accepted = set()
    for _ in range(calls):
        connection.request("POST", f"/async-function/{NAME}/?file={notes}", b"x")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 202, answer.status
        accepted.add(str(answer.getheader("X-Call-Id")))
    connection.close()
    return accepted


def round_of(stack: Stack, victims: tuple[str, ...], calls: int) -> None:
    """Send, kill, start again, count, print."""
    notes = stack.folder / ("notes-" + "-".join(victims))
    accepted = send(stack, notes, calls)
    before = len(notes.read_text().split()) if notes.exists() else 0
    for part in victims:
        stack.kill(part)
    for part in sorted(victims, reverse=True):  # nats before the gateway
        stack.start(part)
    deadline, seen = time.monotonic() + LIMIT, Counter[str]()
    while set(seen) != accepted and time.monotonic() < deadline:
        time.sleep(0.1)
        seen = Counter(notes.read_text().split()) if notes.exists() else Counter()
    again = sum(seen.values()) - len(seen)
    print(
        f"kill -9 of {' and '.join(victims)} with {before} of {len(accepted)} calls done: "
        f"{len(accepted - set(seen))} lost (wanted 0), {again} carried out again, "
        f"{len(set(seen) - accepted)} of an unknown id"
    )


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gw-") as name:
        stack = Stack(Path(name))
        code = Path(name) / "code"
        code.mkdir()
        (code / "main.py").write_text(CODE)
        stack.start("nats")
        stack.start("gateway")
        try:
            put(stack.running(), code, "one")
            for victims in (("gateway",), ("nats",), ("gateway", "nats")):
                round_of(stack, victims, given.calls)
        finally:
            stack.kill("gateway", signal.SIGTERM)
            stack.kill("nats", signal.SIGTERM)


if __name__ == "__main__":
    main()
