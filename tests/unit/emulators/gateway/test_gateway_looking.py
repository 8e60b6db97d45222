"""Looks at objects: one for all who watch, none without anybody."""

import asyncio

import pytest

from emulators.gateway.apis.kubernetes import looking
from emulators.gateway.apis.kubernetes.looking import Looking


def test_all_who_wait_share_a_look_and_the_next_one_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking, "LOOK", 0.001)
    looks: list[int] = []
    shared = Looking(lambda: looks.append(1))

    async def story() -> None:
        await asyncio.gather(*(shared.turn() for _ in range(50)))
        assert len(looks) == 1
        await shared.turn()
        assert len(looks) == 2

    asyncio.run(story())


def test_one_who_stops_waiting_takes_no_look_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(looking, "LOOK", 0.001)
    looks: list[int] = []
    shared = Looking(lambda: looks.append(1))

    async def story() -> None:
        first, second = (asyncio.create_task(shared.turn()) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await second
        assert (len(looks), first.cancelled()) == (1, True)

    asyncio.run(story())
