"""The servers that are measured: the function as its container runs it, and the base."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks import environments
from benchmarks.stack import ROOT, Stack, free_ports
from functions.kit.contract.access.api_key import digest

PINS = Path(__file__).parent / "peers" / "fastapi.txt"
MANIFEST = ROOT / "infra" / "knative" / "prediction.yaml"
LONGEST = 60.0


@dataclass(frozen=True)
class Server:
    """A server that runs: HOST:PORT, and its process."""

    address: str
    process: int


@contextlib.contextmanager
def function(stack: Stack, **extra: str) -> Iterator[Server]:
    """Run `prediction` as its image does (functions/Dockerfile), over a stack's stores.

    `extra` are further variables; with MAYFLY_SERVES=grpc it is ready once it takes connections.
    """
    [port] = free_ports(1)
    own = {
        "PORT": str(port),
        "FUNCTION_SOURCE": str(ROOT / "functions" / "prediction" / "main.py"),
        "FUNCTION_TARGET": "handle",
        "ORT_DISABLE_TELEMETRY": "1",
        "FIRESTORE_EMULATOR_HOST": stack.address("FIRESTORE"),
        "STORAGE_EMULATOR_HOST": f"http://{stack.address('STORAGE')}",
        "MAYFLY_GATEWAY_URL": stack.gateway_url,
        "MAYFLY_STEP_SECRET": (stack.home / "step-secret").read_text().strip(),
        "MAYFLY_FIRST_KEY": digest(stack.key),
        **_manifest_variables(),
        **extra,
    }
    with running([sys.executable, "-m", "functions.kit.http.serve"], own, port) as server:
        yield server


def _manifest_variables() -> dict[str, str]:
    """Return the variables that the deploy file gives the container."""
    service = yaml.safe_load(MANIFEST.read_text())
    [container] = service["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one["value"] for one in container["env"]}


@contextlib.contextmanager
def fastapi(model: Path) -> Iterator[Server]:
    """Run the bare application around a model's file, in its own environment."""
    [port] = free_ports(1)
    python = environments.python("serving-fastapi", PINS)
    command = [str(python), "-m", "uvicorn", "benchmarks.prediction.base.app:app"]
    command += ["--port", str(port), "--log-level", "warning"]
    with running(command, {"MODEL": str(model)}, port) as server:
        yield server


@contextlib.contextmanager
def running(command: list[str], own: Mapping[str, str], port: int) -> Iterator[Server]:
    """Run a server on a port, and give it once it takes connections."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **own}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            _wait(port, process)
            yield Server(f"127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()


def _wait(port: int, process: "subprocess.Popen[Any]") -> None:
    deadline = time.monotonic() + LONGEST
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{process.args!r} does not answer on port {port}")
        time.sleep(0.05)
