"""Who answers a call: the same for the same key, each version as often as its share says."""

import datetime as dt
from collections import Counter

import pytest

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.models.traffic import Bounds, Spread, Traffic
from functions.models.model.traffic import slots
from functions.prediction.service.choosing import Split, slot_of

ANN = Caller(name="key of ann", kind="key", account="ann", key="k1")
# The 99.99 % point of chi-square with 99 degrees of freedom.
MOST = 160.1
MANY = 20_000


def split(
    shares: dict[int, int], held: list[int] | None = None, spread: Spread = "callers"
) -> Split:
    """Return what shares calls out; `held` is each hundredth's version."""
    traffic = Traffic(
        id="t",
        champion=1,
        shares=shares,
        shadows=[],
        slots=held or slots([1] * 100, shares),
        bounds=Bounds(),
        spread=spread,
        by="ann",
        at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )
    return Split("u1", "champion", traffic)


@pytest.mark.parametrize("text", ["u1\nchampion\ncustomer {}", "u2\nnext\n{}", "{}"])
def test_keys_fall_evenly(text: str) -> None:
    counts = Counter(slot_of(text.format(number)) for number in range(MANY))
    wanted = MANY / 100
    assert sum((counts[slot] - wanted) ** 2 / wanted for slot in range(100)) < MOST


def test_a_key_sticks_in_every_replica_and_says_why() -> None:
    one, other = split({1: 60, 2: 40}), split({1: 60, 2: 40})
    found = {key: one.choose(key, ANN) for key in map(str, range(200))}
    assert {key: other.choose(key, ANN) for key in found} == found
    assert set(found.values()) == {(1, "share 60 %, by key"), (2, "share 40 %, by key")}


def test_a_text_that_is_no_unicode_is_a_key() -> None:
    assert split({1: 60, 2: 40}).choose("caf\udce9", ANN)[1].endswith("by key")


def test_without_a_key_of_its_own_a_call_sticks_by_its_caller() -> None:
    divided = split({1: 50, 2: 50})
    callers = [Caller(name="k", kind="key", account="ann", key=f"k{n}") for n in range(100)]
    found = {caller.key: divided.choose("", caller) for caller in callers}
    assert {why for _, why in found.values()} == {"share 50 %, by caller"}
    assert {version for version, _ in found.values()} == {1, 2}
    assert {key: divided.choose("", one)[0] for key, one in zip(found, callers, strict=True)} == {
        key: version for key, (version, _) in found.items()
    }
    session = Caller(name="ann", kind="session", account="ann")
    function = Caller(name="monitoring", kind="step")
    for caller, key in ((session, "ann"), (function, "monitoring")):
        assert divided.choose("", caller)[0] == divided.choose(key, ANN)[0]


def test_calls_may_fall_by_chance() -> None:
    divided = split({1: 50, 2: 50}, spread="calls")
    found = Counter(divided.choose("", ANN) for _ in range(2000))
    assert set(found) == {(1, "share 50 %, by chance"), (2, "share 50 %, by chance")}
    # Six standard deviations.
    assert abs(found[1, "share 50 %, by chance"] - 1000) < 135
    assert len({divided.choose("somebody", ANN) for _ in range(50)}) == 1


def test_a_larger_share_moves_callers_to_it_alone() -> None:
    keys = [str(number) for number in range(3000)]
    traffic = {1: 90, 2: 5, 3: 5}
    was = slots([1] * 100, traffic)
    raised = {1: 70, 2: 25, 3: 5}
    before, after = split(traffic, was), split(raised, slots(was, raised))
    places = [(before.choose(key, ANN)[0], after.choose(key, ANN)[0]) for key in keys]
    assert {place for place in places if place[0] != place[1]} == {(1, 2)}
