"""Victims beside attackers: each victim's call has an answer of its own, and takes no other."""

import asyncio
import contextlib
import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

VICTIMS, ATTACKERS = 8, 6
MOST = 20  # times as many calls as wanted, at most
ATTACK_SECONDS = 0.05  # how long an attacker stays to read
CALL_SECONDS = 20.0
EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"
SMUGGLED = b"GET /echo/smuggled HTTP/1.1\r\nHost: x\r\n\r\n" * 3


@dataclass
class Tally:
    """What victims got: the right answer, another's, or none (by its status)."""

    right: int = 0
    wrong: list[bytes] = field(default_factory=list)
    others: Counter[object] = field(default_factory=Counter)
    attacks: int = 0


@dataclass(frozen=True)
class Target:
    """A function under attack: `path` comes before what the function sees; `host` names it, too.

    `opening` is what each connection begins with.
    """

    port: int
    path: str
    host: str = "x"
    opening: bytes = b""

    def head(self, method: str, rest: str, *fields: str) -> bytes:
        lines = [f"{method} {self.path}{rest} HTTP/1.1", f"Host: {self.host}", *fields, "", ""]
        return "\r\n".join(lines).encode()


def both_ways(port: int, name: str) -> list[Target]:
    """A function by its path, and by its Knative host."""
    return [
        Target(port, f"/function/{name}"),
        Target(port, "", f"{name}.default.localhost:{port}"),
    ]


def upgrades(to: Target) -> Iterator[bytes]:
    """Requests for another protocol, with requests behind them that nobody may read as such."""
    ask = ("Connection: Upgrade", "Upgrade: websocket")
    size = f"Content-Length: {len(SMUGGLED)}"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
    yield to.head("GET", "/echo/up", *ask) + SMUGGLED
    yield to.head("GET", "/echo/up", *ask, "Sec-WebSocket-Version: 13") + SMUGGLED * 500
    yield to.head("GET", "/echo/first") + to.head("GET", "/echo/up", *ask) + SMUGGLED
    yield to.head("POST", "/echo/up", *ask) + SMUGGLED
    yield to.head("GET", "/echo/up", "Connection: Upgrade", "Upgrade: h2c") + SMUGGLED
    yield to.head("GET", "/echo/up", "Connection: Upgrade", "Upgrade: magic") + SMUGGLED
    yield to.head("GET", "/echo/up", "Connection: Upgrade", "Upgrade: websocket, h2c") + SMUGGLED
    yield to.head("GET", "/echo/up", "Connection: keep-alive", "Upgrade: websocket") + SMUGGLED
    yield to.head("POST", "/echo/up", "Upgrade: websocket", size) + SMUGGLED
    yield to.head("POST", "/echo/up", *ask, size) + SMUGGLED
    yield to.head("POST", "/echo/up", *ask, "Transfer-Encoding: chunked") + chunks
    yield to.head("GET", "/echo/up", *ask).replace(b"HTTP/1.1", b"HTTP/1.0") + SMUGGLED
    yield to.head("CONNECT", "/echo/up", *ask) + SMUGGLED
    yield to.head("GET", "/switch", *ask) + SMUGGLED
    yield to.head("GET", "/echo/up", *ask)  # and gone


def bodies(to: Target) -> Iterator[bytes]:
    """Bodies that look like requests, left unread or in the middle."""
    long = SMUGGLED * 2000
    yield to.head("POST", "/refuse", f"Content-Length: {len(long)}") + long
    yield to.head("DELETE", "/refuse", f"Content-Length: {len(long)}") + long
    yield to.head("POST", "/refuse", f"Content-Length: {len(SMUGGLED)}") + SMUGGLED
    yield to.head("POST", "/echo/x", "Content-Length: 100000") + SMUGGLED
    yield to.head("POST", "/echo/x", "Transfer-Encoding: chunked") + b"fff\r\n" + SMUGGLED
    yield to.head("POST", "/refuse", "Transfer-Encoding: chunked") + b"7\r\nPOST / " + SMUGGLED
    yield to.head("POST", "/echo/x", "Content-Length: 5", "Expect: 100-continue")


def answers(to: Target, paths: Sequence[str]) -> Iterator[bytes]:
    """Requests whose answers are not what they say."""
    for path in paths:
        yield to.head("GET", path)
        yield to.head("HEAD", path)
        yield to.head("GET", path)[:-2] + b"Connection: close\r\n\r\n"


async def attack(port: int, payload: bytes) -> None:
    """Sends it, reads for a moment, leaves."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(ATTACK_SECONDS):
            writer.write(payload)
            while await reader.read(65536):
                pass
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


class Victim:
    """One keep-alive connection that asks again and again, each time with a new nonce."""

    def __init__(self, targets: Sequence[Target], tally: Tally, seed: int) -> None:
        self._targets = itertools.cycle(targets)
        self._tally = tally
        self._draw = random.Random(seed)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, number: int) -> None:
        nonce = b"%032x" % self._draw.getrandbits(128)
        target = next(self._targets)
        if number % 3:
            request = target.head("GET", f"/echo/{nonce.decode()}")
        else:
            rest = target.head("POST", f"/echo/{nonce.decode()}", f"Content-Length: {len(nonce)}")
            request = rest + nonce
        try:
            async with asyncio.timeout(CALL_SECONDS):
                status, body = await self._exchange(target, request)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self._tally.others[repr(error)] += 1
            self.close()
            return
        if status != 200:
            self._tally.others[status] += 1
        elif body == nonce:
            self._tally.right += 1
        else:
            self._tally.wrong.append(body)

    async def _exchange(self, to: Target, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", to.port)
            self._streams[1].write(to.opening)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length: ")[2].partition(b"\r")[0]
        body = await reader.readexactly(int(length)) if length else head  # none lacks a length
        if b"connection: close" in head or not length:
            self.close()
        return int(head.split()[1]), body

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def beside(
    victims: Sequence[Target], attacks: Sequence[tuple[int, bytes]], calls: int
) -> Tally:
    """Has victims make so many calls, or more, until attackers have done each of theirs."""
    tally, order = Tally(), itertools.cycle(attacks)
    numbers = itertools.takewhile(
        lambda number: number < calls or (tally.attacks < len(attacks) and number < MOST * calls),
        itertools.count(),
    )
    over = asyncio.Event()

    async def suffer(seed: int) -> None:
        victim = Victim(victims, tally, seed)
        for number in numbers:
            await victim.ask(number)
        victim.close()

    async def annoy() -> None:
        while not over.is_set():
            await attack(*next(order))
            tally.attacks += 1

    attackers = [asyncio.create_task(annoy()) for _ in range(ATTACKERS if attacks else 0)]
    await asyncio.gather(*(suffer(seed) for seed in range(VICTIMS)))
    over.set()
    await asyncio.gather(*attackers)
    return tally
