"""Starts in their turn: some at a time, fewer beside those that somebody waits for."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

import pytest

from emulators.gateway.service.replicas import start_queue
from emulators.gateway.service.replicas.start_queue import StartQueue

if TYPE_CHECKING:
    from emulators.gateway.service.replicas.pool import RevisionPool


class Pool:
    """What a queue looks at."""

    def __init__(self) -> None:
        self.waiting: list[object] = []
        self.replicas: list[object] = []


class World:
    """Starts that last until they are let go, in the order in which they began."""

    def __init__(self) -> None:
        self.queue = StartQueue(2, beside=1)
        self.going: list[str] = []
        self.four = asyncio.Event()  # have begun
        self.pools: dict[str, Pool] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def want(self, *names: str, waited_for: bool = False) -> None:
        for name in names:
            pool = self.pools.setdefault(name, Pool())
            pool.waiting += [object()] if waited_for else []
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._start(name))
        await rounds()

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await self._tasks[name]
        await rounds()

    async def _start(self, name: str) -> None:
        async with self.queue.turn(cast("RevisionPool", self.pools[name])):
            self.going.append(name)
            if len(self.going) == 4:
                self.four.set()
            await self._ends[name].wait()

    def cancelled(self, name: str) -> bool:
        return self._tasks[name].cancelled()


async def rounds() -> None:
    """Let everything that is due happen."""
    for _ in range(5):
        await asyncio.sleep(0)


def run(story: Callable[[World], Awaitable[None]]) -> None:
    async def told() -> None:
        await story(World())

    asyncio.run(told())


def test_what_nobody_waits_for_goes_two_at_a_time_in_order() -> None:
    async def story(world: World) -> None:
        await world.want("a", "b", "c", "d")
        assert (world.going, len(world.queue)) == (["a", "b"], 2)
        await world.end("b")
        assert world.going == ["a", "b", "c"]
        await world.end("a")
        assert world.going == ["a", "b", "c", "d"]
        for name in "cd":
            await world.end(name)
        await world.want("e")
        assert world.going[-1] == "e"
        await world.end("e")

    run(story)


def test_what_somebody_waits_for_goes_at_once_and_fewer_others_beside_it() -> None:
    async def story(world: World) -> None:
        await world.want("a", "b", "c", "d")
        await world.want("x", waited_for=True)
        assert world.going == ["a", "b", "x"]
        await world.end("a")
        assert world.going == ["a", "b", "x"]
        await world.end("x")
        assert world.going == ["a", "b", "x", "c"]
        for name in "bcd":
            await world.end(name)

    run(story)


def test_calls_without_an_end_keep_no_start_for_ever() -> None:
    async def story(world: World) -> None:
        await world.want("x", waited_for=True)
        await world.want("a", "b")
        assert world.going == ["x", "a"]
        for before, next_one in ("xy", "yz"):
            await world.want(next_one, waited_for=True)
            await world.end(before)
        assert world.going == ["x", "a", "y", "z"]
        await world.end("a")
        assert world.going == ["x", "a", "y", "z", "b"]
        for name in "zb":
            await world.end(name)

    run(story)


def test_a_request_for_what_is_queued_takes_it_out_of_its_turn() -> None:
    async def story(world: World) -> None:
        await world.want("a", "b", "c", "d")
        world.queue.hurry(cast("RevisionPool", world.pools["d"]))
        await rounds()
        assert world.going == ["a", "b", "d"]
        for name in "abdc":
            await world.end(name)
        assert world.going == ["a", "b", "d", "c"]

    run(story)


def test_one_that_hangs_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_queue, "_TURN_SECONDS", 0.0)

    async def story(world: World) -> None:
        await world.want("a", "b", "c", "d")
        await asyncio.wait_for(world.four.wait(), 10)
        for name in "abcd":
            await world.end(name)
        await world.want("e", "f", "g")
        assert world.going[4:6] == ["e", "f"]
        for name in "efg":
            await world.end(name)

    run(story)


def test_what_is_queued_when_all_ends_never_begins() -> None:
    async def story(world: World) -> None:
        await world.want("a", "b", "c")
        world.queue.close()
        await rounds()
        assert world.cancelled("c")
        for name in "ab":
            await world.end(name)
        assert world.going == ["a", "b"]

    run(story)


def test_an_error_ends_a_start_s_turn() -> None:
    async def story(world: World) -> None:
        async def failing(pool: Any) -> None:
            async with world.queue.turn(pool):
                raise ValueError("as told")

        for _ in range(3):
            with pytest.raises(ValueError, match="as told"):
                await failing(Pool())
        await world.want("a", "b")
        assert world.going == ["a", "b"]
        for name in "ab":
            await world.end(name)

    run(story)
