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
from dataclasses import dataclass
from pathlib import Path

import grpc
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from benchmarks.firestore import quiet
from benchmarks.firestore.documents import PROJECT

ROOT = Path(__file__).parents[2]
# A channel tries again after a second, then after longer: that would be what a start takes.
IMPATIENT = [
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 20),
    ("grpc.max_reconnect_backoff_ms", 20),
]


@contextlib.contextmanager
def started(module: str, *arguments: str) -> Iterator[tuple[str, int]]:
    """Run a server until the block ends; yield its address and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", module, "--port", str(port), *arguments]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", IMPATIENT) as channel:
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


@dataclass(frozen=True, slots=True)
class Compared:
    """What rounds beside each other came to; medians, in seconds.

    Attributes:
        own: of the emulator.
        best: of the constant server.
        ratio: of the constant server's time to the emulator's in the same round.
        spread: how far the constant server's rounds lie apart (`quiet.spread`).
        bound: of the constant server that syncs; None where it is no bound.
        bound_ratio: the ratio that it reaches.
    """

    own: float
    best: float
    ratio: float
    spread: float
    bound: float | None
    bound_ratio: float


def compare(
    ours: Callable[[], object],
    ceiling: Callable[[], object],
    rounds: int,
    bound: Callable[[], object] | None = None,
) -> Compared:
    """Let servers take turns, in one order and then in the other.

    Args:
        ours: does a round with the emulator.
        ceiling: does it with the constant server.
        rounds: how often each does it.
        bound: does it with the constant server that syncs, where that is a bound.
    """
    works = [ours, ceiling, *filter(None, (bound,))]
    times: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    for number in range(rounds):
        for work, taken in list(zip(works, times, strict=True))[:: 1 if number % 2 else -1]:
            taken.append(seconds(work))
    own, best, *rest = times
    return Compared(
        own=statistics.median(own),
        best=statistics.median(best),
        ratio=_ratio(best, own),
        spread=quiet.spread(best),
        bound=statistics.median(rest[0]) if rest else None,
        bound_ratio=_ratio(best, rest[0]) if rest else 1.0,
    )


def _ratio(best: list[float], others: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(best, others, strict=True))


def tell(name: str, compared: Compared, wanted: float) -> None:
    """Print what rounds came to, beside the least ratio that is good."""
    print(
        f"{name}: {compared.own * 1000:.1f} ms, constant server {compared.best * 1000:.1f} ms, "
        f"ratio {compared.ratio:.2f} (wanted {wanted}) "
        f"{'ok' if compared.ratio >= wanted else 'BELOW'}",
        flush=True,
    )
    if compared.bound is not None:
        print(
            f"  bound: a constant server that syncs each commit {compared.bound * 1000:.1f} ms, "
            f"ratio {compared.bound_ratio:.2f}: what no durable server exceeds here; "
            f"of that, the emulator reaches {compared.ratio / compared.bound_ratio:.2f}",
            flush=True,
        )
