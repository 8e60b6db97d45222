"""Calls one at a time, by the clock and by the processor."""

import os
import socket
import time
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

SHARES = np.linspace(0, 1, 21)
WARM = 100
_CLOCK_BITS, _SCHEDULED = 3, 2


class Took(NamedTuple):
    """What calls took, in seconds: by the clock, and of the server's processor."""

    clock: list[float]
    processor: list[float]


def quantiles(values: Iterable[float]) -> list[float]:
    """Return the values at SHARES, to the microsecond."""
    return [round(value, 6) for value in np.quantile(list(values), SHARES).tolist()]


def timed(address: str, requests: list[bytes], process: int = 0, warm: int = WARM) -> Took:
    """Return what each request took over one connection; exit where one is refused.

    Args:
        address: HOST:PORT.
        requests: What is asked, one after the other.
        process: Whose processor's time counts; 0: this one's.
        warm: How often the first of them is asked before, uncounted.
    """
    process = process or os.getpid()
    host, _, port = address.rpartition(":")
    found = Took([], [])
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in [*requests[:1] * warm, *requests]:
            before, began = processor_seconds(process), time.perf_counter()
            connection.sendall(request)
            answer = _whole(connection)
            found.clock.append(time.perf_counter() - began)
            found.processor.append(processor_seconds(process) - before)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"{address}: {answer[:500].decode(errors='replace')}")
    return Took(found.clock[warm:], found.processor[warm:])


def _whole(connection: socket.socket) -> bytes:
    held = b""
    while True:
        part = connection.recv(1 << 20)
        if not part:
            raise SystemExit(f"the connection ended within an answer: {held[:200]!r}")
        held += part
        head = held.find(b"\r\n\r\n")
        if head < 0:
            continue
        place = held.lower().index(b"content-length:", 0, head)
        length = int(held[place + 15 : held.index(b"\r", place)])
        if len(held) >= head + 4 + length:
            return held


def processor_seconds(process: int) -> float:
    """Return what a process has taken so far, threads that ended too, to the nanosecond (Linux).

    By the number that clock_getcpuclockid(3) gives for a process.
    """
    return time.clock_gettime((~process << _CLOCK_BITS) | _SCHEDULED)
