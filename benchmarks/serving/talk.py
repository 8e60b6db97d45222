"""A load of one WebSocket with little of its own: frames made by hand, told apart by ids."""

import asyncio
import base64
import json
import os
import time
from typing import Any

HEAD, SHORT, LONG = 2, 126, 127
ID = b"@id@"


def frame(text: bytes) -> bytes:
    """Return a client's frame; its mask is zero, which masks nothing."""
    size = len(text)
    told = bytes([0x80 | size]) if size < SHORT else b"\xfe" + size.to_bytes(2, "big")
    return b"\x81" + told + b"\0\0\0\0" + text


def messages(buffer: bytes) -> tuple[list[bytes], bytes]:
    """Return the whole messages of a server's frames, and what is left."""
    found = []
    while len(buffer) >= HEAD:
        size, start = buffer[1], HEAD
        if size >= SHORT:
            start += 2 if size == SHORT else 8
            size = int.from_bytes(buffer[HEAD:start], "big")
        if len(buffer) < start + size:
            break
        found.append(buffer[start : start + size])
        buffer = buffer[start + size :]
    return found, buffer


class Talker(asyncio.Protocol):
    """One connection that keeps so many questions under way.

    Args:
        host: of the pages.
        key: who asks.
        question: what is asked, again and again, with ID where its id goes.
        at_once: how many are under way.
        seconds: for how long.
    """

    def __init__(self, host: str, key: str, question: bytes, at_once: int, seconds: float) -> None:
        self._host = host
        self._key = key
        self._question = question
        self._at_once = at_once
        self._seconds = seconds
        self._buffer = b""
        self._transport: Any = None
        self._upgraded = False
        self._until = 0.0
        self._sent: dict[bytes, float] = {}
        self._number = 0
        self.latencies: list[float] = []
        self.errors = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for an upgrade."""
        self._transport = transport
        nonce = base64.b64encode(os.urandom(16)).decode()
        head = f"GET /ws/predictions HTTP/1.1\r\nHost: {self._host}\r\nConnection: Upgrade\r\n"
        head += f"Upgrade: websocket\r\nX-Api-Key: {self._key}\r\n"
        head += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\n\r\n"
        transport.write(head.encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Count answers, and ask as many questions as were answered."""
        self._buffer += data
        if not self._upgraded:
            _, end, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self._upgraded = bool(end)
        found, self._buffer = messages(self._buffer)
        for text in found:
            self._hear(text)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.errors += exc is not None
        if not self.done.done():
            self.done.set_result(None)

    def _hear(self, text: bytes) -> None:
        now = time.perf_counter()
        if text.startswith(b'{"ready"'):
            self._until = now + self._seconds
            self._ask(self._at_once)
            return
        self.latencies.append(now - self._sent.pop(text[7:15]))
        self.errors += b'"status":200' not in text[:32]
        if now < self._until:
            self._ask(1)
        elif not self._sent:
            self._transport.close()

    def _ask(self, number: int) -> None:
        for _ in range(number):
            self._number += 1
            id_ = b"%08d" % self._number
            self._sent[id_] = time.perf_counter()
            self._transport.write(frame(self._question.replace(ID, id_, 1)))


async def run(
    address: str, key: str, record: dict[str, Any], at_once: int, seconds: float
) -> dict[str, float]:
    """Load one connection; return what `benchmarks.gateway.load.run` does."""
    loop = asyncio.get_running_loop()
    asked = {"id": ID.decode(), "model": "titanic", "records": [record]}
    question = json.dumps(asked, separators=(",", ":")).encode()
    host, _, port = address.rpartition(":")
    _, talker = await loop.create_connection(
        lambda: Talker(address, key, question, at_once, seconds), host, int(port)
    )
    await talker.done
    latencies = sorted(talker.latencies)
    return {
        "requests": len(latencies),
        "errors": talker.errors,
        "rate": len(latencies) / seconds,
        "p50": latencies[len(latencies) // 2] * 1000,
        "p99": latencies[int(len(latencies) * 0.99)] * 1000,
    }
