"""A load generator with little of its own: keep-alive connections that ask again and again.

``python -m benchmarks.gateway.load --to 127.0.0.1:8080 --path /function/x`` prints one line of
JSON. It runs as a process of its own, so that it shares no interpreter with what it measures.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from random import choice, getrandbits
from typing import Any

import uvloop

VARIED = b"@varied@"


class Asker(asyncio.Protocol):
    """One connection that sends its request again as soon as the answer is whole."""

    def __init__(
        self,
        requests: Sequence[bytes],
        until: float,
        latencies: list[float],
        vary: bytes = b"",
        gap: float = 0.0,
    ) -> None:
        self._requests = requests
        self._gap = gap
        self._due = time.perf_counter()
        self._vary = vary
        self._until = until
        self._latencies = latencies
        self._buffer = b""
        self._transport: Any = None
        self._sent = 0.0
        self.errors = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Count an answer that is whole, then ask again until time is up."""
        self._buffer = self._buffer + data if self._buffer else data
        if not self._whole():
            return
        now = time.perf_counter()
        self._latencies.append(now - self._sent)
        self.errors += not self._buffer.startswith(b"HTTP/1.1 200")
        self._buffer = b""
        if now >= self._until:
            self._transport.close()
        elif self._gap:
            self._due = max(self._due + self._gap, now)
            asyncio.get_running_loop().call_later(self._due - now, self._ask)
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; a connection that broke too early is an error."""
        self.errors += exc is not None or time.perf_counter() < self._until
        if not self.done.done():
            self.done.set_result(None)

    def _ask(self) -> None:
        request = self._requests[0] if len(self._requests) == 1 else choice(self._requests)
        if self._vary:
            request = request.replace(self._vary, b"%08x" % getrandbits(32), 1)
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _whole(self) -> bool:
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return False
        at = self._buffer.lower().find(b"content-length: ", 0, head)
        length = int(self._buffer[at + 16 : self._buffer.index(b"\r", at)])
        return len(self._buffer) >= head + 4 + length


async def run(
    to: str,
    request: bytes | Sequence[bytes],
    connections: int,
    seconds: float,
    vary: bytes = b"",
    rate: float = 0.0,
) -> dict[str, float]:
    """Load one address.

    Args:
        to: Host and port, or a unix socket.
        request: What is sent, again and again; of several, one at random each time.
        connections: Over how many connections.
        seconds: For how long.
        vary: What stands in the request for something else each time; empty for nothing.
        rate: Requests a second at most, of all connections; 0 for as many as are answered.

    Returns:
        requests, errors, rate (per second), p50 and p99 (milliseconds).
    """
    loop, latencies = asyncio.get_running_loop(), list[float]()
    requests = (request,) if isinstance(request, bytes) else request
    gap = connections / rate if rate else 0.0
    began = time.perf_counter()

    def factory() -> Asker:
        return Asker(requests, began + seconds, latencies, vary, gap)

    askers = []
    for _ in range(connections):
        if to.startswith("/"):
            _, asker = await loop.create_unix_connection(factory, to)
        else:
            host, _, port = to.rpartition(":")
            _, asker = await loop.create_connection(factory, host, int(port))
        askers.append(asker)
    await asyncio.gather(*(asker.done for asker in askers))
    took = time.perf_counter() - began
    latencies.sort()
    return {
        "requests": len(latencies),
        "errors": sum(asker.errors for asker in askers),
        "rate": len(latencies) / took,
        "p50": latencies[len(latencies) // 2] * 1000,
        "p99": latencies[int(len(latencies) * 0.99)] * 1000,
    }


def main() -> None:
    """Read the command line, load, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", required=True, help="host:port, or the path of a unix socket")
    parser.add_argument("--path", default="/")
    parser.add_argument("--body", default="")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--vary", action="store_true", help="an id of its own for each request")
    given = parser.parse_args()
    body = given.body.encode()
    head = f"{'POST' if body else 'GET'} {given.path} HTTP/1.1\r\nhost: localhost\r\n"
    head += "user-agent: load\r\naccept: */*\r\n"
    if given.vary:
        head += f"x-request-id: {VARIED.decode()}\r\n"
    if body:
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
    request = head.encode() + b"\r\n" + body
    vary = VARIED if given.vary else b""
    found = run(given.to, request, given.connections, given.seconds, vary)
    print(json.dumps(uvloop.run(found)))


if __name__ == "__main__":
    main()
