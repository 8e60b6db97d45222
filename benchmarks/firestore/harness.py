"""Starts servers on free ports, and compares them in alternating rounds."""

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from benchmarks.firestore.documents import PROJECT

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def started(module: str, *arguments: str) -> Iterator[tuple[str, int]]:
    """Run a server until the block ends; yield its address and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", module, "--port", str(port), *arguments]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            grpc.channel_ready_future(channel).result(timeout=30)
        yield f"127.0.0.1:{port}", process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextlib.contextmanager
def emulator(folder: Path | None = None) -> Iterator[tuple[str, int]]:
    """Run the emulator on a folder, or on a temporary one."""
    with (
        tempfile.TemporaryDirectory(prefix="firestore-") as temporary,
        started("emulators.firestore", "--data", str(folder or temporary)) as running,
    ):
        yield running


def client(address: str) -> firestore.Client:
    """Return an official client of a server."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = address
    return firestore.Client(project=PROJECT, credentials=AnonymousCredentials())


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def ratio(
    name: str,
    ours: Callable[[], object],
    ceiling: Callable[[], object],
    rounds: int,
    wanted: float,
    bound: Callable[[], object] | None = None,
) -> bool:
    """Alternate between servers, print the ratio of their medians; whether it is as wanted.

    Args:
        name: of the work, in print.
        ours: does the work with the emulator.
        ceiling: does it with the constant server.
        rounds: how often each does it.
        wanted: the least ratio that is good.
        bound: does it with the constant server that syncs, where that is a bound.
    """
    works = [ours, ceiling, *filter(None, (bound,))]
    times: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    for number in range(rounds):
        for work, taken in list(zip(works, times, strict=True))[:: 1 if number % 2 else -1]:
            taken.append(seconds(work))
    own, best, *rest = map(statistics.median, times)
    good = bool(best / own >= wanted)
    print(
        f"{name}: {own * 1000:.1f} ms, constant server {best * 1000:.1f} ms, "
        f"ratio {best / own:.2f} (wanted {wanted}) {'ok' if good else 'BELOW'}",
        flush=True,
    )
    for least in rest:
        print(
            f"  bound: a constant server that syncs each commit {least * 1000:.1f} ms, "
            f"ratio {best / least:.2f}: what no durable server exceeds here; "
            f"of that, the emulator reaches {least / own:.2f}",
            flush=True,
        )
    return good
