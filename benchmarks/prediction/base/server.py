"""Starts and ends the base."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.stack import ROOT, free_ports

LONGEST = 60.0


@contextlib.contextmanager
def start(model: Path) -> Iterator[str]:
    """Run the base with one worker; give its HOST:PORT at once."""
    [port] = free_ports(1)
    address = f"127.0.0.1:{port}"
    command = [sys.executable, "-m", "uvicorn", "benchmarks.prediction.base.app:app"]
    command += ["--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "MODEL": str(model)})
    try:
        yield address
    finally:
        process.terminate()
        process.wait()


def first_answer(address: str, body: bytes) -> httpx.Response:
    """Ask until there is an answer."""
    deadline = time.monotonic() + LONGEST
    headers = {"Content-Type": "application/json"}
    with httpx.Client() as client:
        while True:
            try:
                answer = client.post(f"http://{address}/predict", content=body, headers=headers)
                return answer.raise_for_status()
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.002)
