"""Answers in pieces: paced by whoever reads them, and broken off where they cannot go on."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

from emulators.gateway.http.buffered import Answer, BufferedExchange, Incoming
from emulators.gateway.http.heads import Request

END = b"0\r\n\r\n"


class Client:
    """A connection, and the front behind it."""

    peer = b"127.0.0.1"

    def __init__(self) -> None:
        self.written = b""
        self.aborted = self.done = False
        self.streams: set[asyncio.Task[Any]] = set()

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True

    def finished(self) -> None:
        self.done = True

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work)


def exchange(client: Any, pieces: AsyncGenerator[bytes, None]) -> BufferedExchange:
    async def handler(_: Incoming) -> Answer:
        return Answer(200, pieces=pieces)

    request = Request(b"GET", b"/", [(b"host", b"x")], "1.1", keep_alive=True)
    made = BufferedExchange(client, client, request, handler)
    made.request_end()
    return made


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_stream_waits_for_a_client_that_does_not_read() -> None:
    async def story() -> None:
        told: list[int] = []

        async def pieces() -> AsyncGenerator[bytes, None]:
            for number in range(3):
                told.append(number)
                yield b"x"

        client = Client()
        made = exchange(client, pieces())
        made.client_full(full=True)
        made.start()
        await settle()
        assert told == [0]
        made.client_full(full=False)
        await settle()
        assert told == [0, 1, 2]
        assert client.done
        assert client.written.endswith(END)

    asyncio.run(story())


def test_a_stream_that_fails_is_no_whole_answer() -> None:
    async def story() -> None:
        async def pieces() -> AsyncGenerator[bytes, None]:
            yield b"x"
            raise OSError("no disk")

        client = Client()
        exchange(client, pieces()).start()
        await settle()
        assert (client.aborted, client.done) == (True, False)
        assert not client.written.endswith(END)

    asyncio.run(story())
