"""Traffic: shares at a moment, and a choice that keeps to them exactly."""

import random
from collections import Counter

import pytest

from emulators.gateway.errors import GatewayError
from emulators.gateway.model.traffic import (
    DEFAULT,
    Rollout,
    Share,
    Split,
    Target,
    apportion,
    shares,
)
from emulators.gateway.specs.traffic import TrafficSpec, rollout_from, targets_from


def percents(draw: random.Random) -> list[int]:
    cuts = sorted(draw.randint(0, 100) for _ in range(draw.randint(0, 5)))
    return [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]


@pytest.mark.parametrize("seed", range(50))
def test_any_hundred_choices_in_a_row_keep_the_percents_exactly(seed: int) -> None:
    draw = random.Random(seed)
    weights = percents(draw)
    split = Split(enumerate(weights))
    for _ in range(draw.randint(0, 250)):
        split.choose()
    counts = Counter(split.choose() for _ in range(100))
    assert [counts[at] for at in range(len(weights))] == weights


@pytest.mark.parametrize("seed", range(50))
def test_choices_are_spread_evenly(seed: int) -> None:
    weights = percents(random.Random(seed))
    split, seen = Split(enumerate(weights)), Counter[int]()
    for count in range(1, 201):
        seen[split.choose()] += 1
        for at, weight in enumerate(weights):
            assert abs(seen[at] - count * weight / 100) < len(weights)


@pytest.mark.parametrize("seed", range(50))
def test_parts_sum_to_the_whole(seed: int) -> None:
    draw = random.Random(seed)
    total = draw.randint(0, 100)
    weights = {str(at): draw.random() + 0.01 for at in range(draw.randint(1, 6))}
    parts = apportion(total, weights)
    assert sum(parts.values()) == total
    scale = sum(weights.values())
    assert all(abs(parts[n] - total * w / scale) < 1 for n, w in weights.items())


def test_the_latest_gets_all_by_default() -> None:
    assert shares(DEFAULT, "f-2", None, 0) == [Share("f-2", 100, latest=True)]


@pytest.mark.parametrize(
    ("now", "new"), [(1000, 1), (1001, 1), (1010, 10), (1050, 50), (1099.4, 99), (1100, 100)]
)
def test_a_rollout_shifts_evenly_from_one_percent(now: float, new: int) -> None:
    rollout = Rollout({"f-1": 100.0}, since=1000, duration=100)
    found = {share.revision: share.percent for share in shares(DEFAULT, "f-2", rollout, now)}
    assert found.get("f-2") == new
    assert found.get("f-1", 0) == 100 - new


def test_a_rollout_within_a_rollout_takes_from_both() -> None:
    rollout = Rollout({"f-1": 75.0, "f-2": 25.0}, since=0, duration=10)
    targets = (Target(percent=80), Target("f-0", 20, "old"))
    found = {share.revision: share.percent for share in shares(targets, "f-3", rollout, 5)}
    assert found == {"f-3": 40, "f-1": 30, "f-2": 10, "f-0": 20}


@pytest.mark.parametrize(
    ("entries", "named"),
    [
        ([TrafficSpec("f-1", percent=50)], "sum to 50"),
        ([TrafficSpec("f-1", latest_revision=True, percent=100)], "exactly one"),
        ([TrafficSpec(latest_revision=False, percent=100)], "exactly one"),
        ([TrafficSpec("f-1", percent=101)], "out of range"),
        ([TrafficSpec("f-1", percent=60), TrafficSpec("f-2", percent=60)], "sum to 120"),
        ([TrafficSpec("f-1", percent=-1)], "out of range"),
        ([TrafficSpec("f-1", percent=100, tag="A_b")], "tag"),
        ([TrafficSpec("f-1", percent=100, tag="a"), TrafficSpec("f-2", tag="a")], "twice"),
    ],
)
def test_wrong_traffic_is_refused_by_name(entries: list[TrafficSpec], named: str) -> None:
    with pytest.raises(GatewayError, match=named):
        targets_from(entries)


def test_traffic_is_read() -> None:
    entries = [TrafficSpec(latest_revision=True, percent=90), TrafficSpec("f-1", percent=10)]
    assert targets_from(entries) == (Target(percent=90), Target("f-1", 10))
    assert targets_from([TrafficSpec(percent=100)]) == targets_from([]) == DEFAULT
    assert rollout_from({"serving.knative.dev/rollout-duration": "2m"}) == 120
    assert rollout_from({}) == 0
