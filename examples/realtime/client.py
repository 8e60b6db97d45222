"""Predictions over a WebSocket, many at a time: `pip install websockets`, Python 3.11.

    MAYFLY_KEY=mfk_... python client.py ws://127.0.0.1:8000 titanic < records.jsonl

Reads a record from each line, and writes its answer on one, in the records' order.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncIterator, Iterable
from itertools import count
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

AGAIN = (1001, 1006, 1012, 1013)
"""Close codes after which the same caller may connect again; after others it would be refused."""
TRIES = 10
LONGEST = 8.0


class Refused(Exception):  # noqa: N818 - what became of the question
    """A question that got a problem document in place of an answer."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["detail"])
        self.problem = problem


class Mayfly:
    """One connection, which comes back by itself.

        async with Mayfly("ws://127.0.0.1:8000", key) as mayfly:
            answer = await mayfly.predict("titanic", [{"age": 29}])

    Args:
        address: of the pages.
        key: an API key, or the token of a session.
        workspace: the one that is meant; empty for the key's own.
    """

    def __init__(self, address: str, key: str, workspace: str = "") -> None:
        self._address = f"{address.rstrip('/')}/ws/predictions"
        self._greeting = json.dumps({"key": key, "workspace": workspace})
        self._ids = count(1)
        self._waiting: dict[str, tuple[str, asyncio.Future[dict[str, Any]]]] = {}
        self._room: asyncio.Semaphore | None = None
        self._line: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._open()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reading:
            self._reading.cancel()
        if self._line:
            await self._line.close()

    async def predict(
        self, model: str, records: list[dict[str, Any]], **more: Any
    ) -> dict[str, Any]:
        """Ask, and return the answer: what the same call by HTTP would give.

        `more` is `version` or `alias`, `options`, `replaces`. Raises Refused, or ConnectionClosed
        where the connection is lost for good.
        """
        id_ = str(next(self._ids))
        text = json.dumps({"id": id_, "model": model, "records": records, **more})
        future = asyncio.get_running_loop().create_future()
        assert self._room is not None, "connect with 'async with' first"
        async with self._room:
            self._waiting[id_] = (text, future)
            try:
                await self._send(text)
                told = await future
            finally:
                self._waiting.pop(id_, None)
        if "problem" in told:
            raise Refused(told["problem"])
        return dict(told["answer"])

    async def _open(self) -> None:
        """Connect, say who calls, and hear how much may be asked at once."""
        line = await connect(self._address, compression=None, max_size=None)
        await line.send(self._greeting)
        ready = json.loads(await line.recv())["ready"]
        if self._room is None:
            self._room = asyncio.Semaphore(ready["in_flight"])
        self._line = line

    async def _send(self, text: str) -> None:
        """Send, or leave it to whoever connects again."""
        assert self._line is not None
        try:
            await self._line.send(text)
        except ConnectionClosed:
            return

    async def _read(self) -> None:
        """Give each answer to who waits for it, and connect again where that helps."""
        assert self._line is not None
        while True:
            try:
                told = json.loads(await self._line.recv())
            except ConnectionClosed as error:
                if not await self._again(error):
                    return
                continue
            _, future = self._waiting.get(told["id"], ("", None))
            if future and not future.done():
                future.set_result(told)

    async def _again(self, error: ConnectionClosed) -> bool:
        """Connect and ask once more what is unanswered: a prediction may be made twice."""
        code = error.rcvd.code if error.rcvd else 1006
        for number in range(TRIES if code in AGAIN else 0):
            await asyncio.sleep(random.uniform(0, min(LONGEST, 0.2 * 2**number)))
            try:
                await self._open()
            except (OSError, ConnectionClosed):
                continue
            for text, _ in list(self._waiting.values()):
                await self._send(text)
            return True
        for _, future in self._waiting.values():
            if not future.done():
                future.set_exception(error)
        return False


async def predict_all(
    mayfly: Mayfly, model: str, records: Iterable[dict[str, Any]]
) -> AsyncIterator[dict[str, Any]]:
    """Yield the answer to each record in order, while those after it are under way."""
    under_way: list[asyncio.Task[dict[str, Any]]] = []
    for record in records:
        under_way.append(asyncio.create_task(mayfly.predict(model, [record])))
        if len(under_way) >= 64:
            yield await under_way.pop(0)
    for task in under_way:
        yield await task


async def main(address: str, model: str) -> None:
    """Answer the records on standard input."""
    records = (json.loads(line) for line in sys.stdin if line.strip())
    async with Mayfly(address, os.environ["MAYFLY_KEY"]) as mayfly:
        async for answer in predict_all(mayfly, model, records):
            print(json.dumps(answer["predictions"][0]))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
