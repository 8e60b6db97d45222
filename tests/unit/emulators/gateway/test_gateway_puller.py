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


class Worker(Puller):
    """Works on a message until it is let go."""

    def __init__(self) -> None:
        queue: Any = SimpleNamespace(ack_wait=60)
        super().__init__("worker", queue)
        self.attempts = 0
        self.go = asyncio.Event()

    async def attempt(self, message: Any) -> float | None:
        self.attempts += 1
        await self.go.wait()
        return None


def test_a_message_delivered_again_while_it_is_worked_on_waits_for_that() -> None:
    async def scene() -> None:
        worker: Any = Worker()
        first, meanwhile, later = Delivery(), Delivery(), Delivery()
        work = [asyncio.create_task(worker._work(one)) for one in (first, meanwhile)]
        await asyncio.sleep(0)
        worker.go.set()
        await asyncio.gather(*work)
        assert not meanwhile.acknowledged
        await worker._work(later)
        assert first.acknowledged
        assert later.acknowledged
        assert worker.attempts == 1

    asyncio.run(scene())
