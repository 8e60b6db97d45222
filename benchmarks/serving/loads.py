"""Loads a server, and counts what it takes for each request: time, and its own processor's time."""

import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks.gateway.load import run

WARM = 0.5
"""Seconds of load that do not count."""
_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12  # in /proc/PID/stat, after the name


@dataclass(frozen=True)
class Side:
    """A server that is asked one thing.

    Attributes:
        address: HOST:PORT.
        request: the bytes of what it is asked; of several, each time of one at random.
        process: its id; what descends from it belongs to it.
    """

    address: str
    request: bytes | Sequence[bytes]
    process: int


@dataclass(frozen=True)
class Measured:
    """What one load found: requests a second, milliseconds, errors, microseconds of processor."""

    rate: float
    p50: float
    p99: float
    errors: int
    processor: float

    def __str__(self) -> str:
        return (
            f"{self.rate:8,.0f}/s  p50 {self.p50:6.2f} ms  p99 {self.p99:7.2f} ms  "
            f"errors {self.errors}  CPU {self.processor:6.1f} us"
        )


def post(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of a request."""
    told = {"Host": "localhost", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def load(side: Side, connections: int, seconds: float, rate: float = 0.0) -> Measured:
    """Load a server over so many connections for so long; with a rate, no faster than that."""
    processes = family(side.process)
    began = sum(map(processor_seconds, processes))
    found = uvloop.run(run(side.address, side.request, connections, seconds, rate=rate))
    used = sum(map(processor_seconds, processes)) - began
    return Measured(
        rate=found["rate"],
        p50=found["p50"],
        p99=found["p99"],
        errors=int(found["errors"]),
        processor=used / found["requests"] * 1e6,
    )


def in_turns(
    sides: Mapping[str, Side], connections: int, seconds: float, rounds: int
) -> dict[str, list[Measured]]:
    """Load each side in every round, the first first every other time."""
    found: dict[str, list[Measured]] = {name: [] for name in sides}
    for side in sides.values():
        load(side, connections, WARM)
    for number in range(rounds):
        order = [*sides]
        for name in order[:: -1 if number % 2 else 1]:
            found[name].append(load(sides[name], connections, seconds))
    return found


def middle(found: Sequence[Measured]) -> Measured:
    """Return the medians of some rounds; their errors are added up."""
    fields = ("rate", "p50", "p99", "processor")
    medians = {name: statistics.median(getattr(one, name) for one in found) for name in fields}
    return Measured(**medians, errors=sum(one.errors for one in found))


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has taken so far, of all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS


def resident_bytes(process: int) -> int:
    """Return the memory that a process has now."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def family(process: int) -> tuple[int, ...]:
    """Return a process and all that descend from it."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    children = [int(word) for file in tasks for word in file.read_text().split()]
    return (process, *(one for child in children for one in family(child)))
