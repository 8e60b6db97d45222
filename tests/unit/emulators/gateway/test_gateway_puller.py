"""A message is worked on once, however often it is delivered meanwhile."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from emulators.gateway.queue.puller import Puller


class Delivery:
    """One delivery of one and the same message."""

    def __init__(self) -> None:
        sequence = SimpleNamespace(stream=7)
        self.metadata = SimpleNamespace(
            sequence=sequence, timestamp=datetime(2026, 1, 1, tzinfo=UTC)
        )
        self.acknowledged = False

    async def ack(self) -> None:
        self.acknowledged = True


class Work:
    """Works on a message until it is let go."""

    def __init__(self) -> None:
        self.name = "work"
        self.attempts = 0
        self.go = asyncio.Event()

    async def subscribe(self) -> Any:
        return None

    def capacity(self) -> int:
        return 1

    def end(self) -> None:
        self.go.set()

    async def attempt(self, message: Any) -> float | None:
        self.attempts += 1
        await self.go.wait()
        return None


def test_a_message_delivered_again_while_it_is_worked_on_waits_for_that() -> None:
    async def scene() -> None:
        work = Work()
        queue: Any = SimpleNamespace(ack_wait=60)
        puller: Any = Puller(work, queue)
        first, meanwhile, later = Delivery(), Delivery(), Delivery()
        tasks = [asyncio.create_task(puller._handle(one)) for one in (first, meanwhile)]
        await asyncio.sleep(0)
        work.go.set()
        await asyncio.gather(*tasks)
        assert not meanwhile.acknowledged
        await puller._handle(later)
        assert first.acknowledged
        assert later.acknowledged
        assert work.attempts == 1

    asyncio.run(scene())
