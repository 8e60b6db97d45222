"""How many calls and bytes there may be: the gate, and the room for messages."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.kit.contract.access.identity import Caller
from functions.kit.grpc import gate
from functions.kit.grpc.calls import GrpcCall
from functions.kit.grpc.gate import Gate
from functions.kit.grpc.room import Room
from functions.kit.http.responses.problems import Problem

PATIENCE = 60.0


def call(key: str) -> GrpcCall:
    return GrpcCall((("x-api-key", key),), "POST", "/a/b")


def named(made: GrpcCall) -> Caller:
    return Caller(name=made.environ["HTTP_X_API_KEY"][0], kind="key")


@pytest.mark.parametrize(
    ("keys", "said"),
    [("abcd", "3 calls are open here"), ("aab", ""), ("aaa", "Your account has 2 calls")],
)
def test_calls_have_bounds_of_all_and_of_an_account(monkeypatch, keys, said):
    monkeypatch.setattr(gate, "MOST_CALLS", 3)
    monkeypatch.setattr(gate, "MOST_OF_ONE", 2)

    async def story() -> None:
        door = Gate(named, 1)
        visits = [await door.enter(call(key)) for key in keys[:-1]]
        if said:
            with pytest.raises(Problem, match=said) as caught:
                await door.enter(call(keys[-1]))
            assert caught.value.status == 429
            visits.pop(0).leave()
        await door.enter(call(keys[-1]))
        door.close()

    asyncio.run(story())


def test_a_key_is_looked_up_once_at_a_time_and_then_known(monkeypatch):
    monkeypatch.setattr(gate, "MOST_ASKED", 1)
    looked: list[str] = []
    go = threading.Event()

    def recognise(made: GrpcCall) -> Caller:
        looked.append(made.environ["HTTP_X_API_KEY"])
        assert go.wait(PATIENCE)
        return named(made)

    async def story() -> None:
        door = Gate(recognise, 1)
        waiting = [asyncio.ensure_future(door.enter(call("a"))) for _ in range(5)]
        await asyncio.sleep(0)  # they have begun
        with pytest.raises(Problem, match="Too many keys are being looked up"):
            await door.enter(call("b"))
        go.set()
        await asyncio.gather(*waiting)
        await door.enter(call("a"))
        door.close()

    asyncio.run(story())
    assert looked == ["a"]


def test_who_is_nobody_is_not_let_in(monkeypatch):
    def recognise(made: GrpcCall) -> Caller:
        raise Problem(401, "nobody")

    async def story() -> None:
        door = Gate(recognise, 1)
        for made in (call("a"), GrpcCall((), "POST", "/a/b")):
            with pytest.raises(Problem, match="nobody"):
                await door.enter(made)
        door.close()

    asyncio.run(story())


STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["take", "give", "drop"])))


@given(STEPS)
def test_no_more_is_held_than_there_is_room_for_and_nobody_waits_in_vain(steps):
    """Three may be held, two by one; whoever waits is let in as soon as there is room."""

    async def story() -> None:
        room = Room(3, 2)
        holding: dict[str, list[asyncio.Task[None]]] = {"a": [], "b": []}
        for who, step in steps:
            tasks = holding[who]
            held = [one for one in tasks if one.done()]
            waits = [one for one in tasks if not one.done()]
            if step == "take":
                tasks.append(asyncio.ensure_future(room.take(who, 1)))
            elif step == "give" and held:
                tasks.remove(held[0])
                room.give(who, 1)
            elif step == "drop" and waits:
                waits[0].cancel()
                tasks.remove(waits[0])
            for _ in range(5):
                await asyncio.sleep(0)
            counts = {name: sum(one.done() for one in all_) for name, all_ in holding.items()}
            assert sum(counts.values()) <= 3
            assert max(counts.values()) <= 2
            for name, all_ in holding.items():
                if counts[name] < len(all_):
                    assert counts[name] == 2 or sum(counts.values()) == 3
        for task in (*holding["a"], *holding["b"]):
            task.cancel()
        await asyncio.gather(*holding["a"], *holding["b"], return_exceptions=True)

    asyncio.run(story())
