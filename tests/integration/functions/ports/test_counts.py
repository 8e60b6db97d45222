"""Counts beside predictions, and what windows are compared with, in memory and in Firestore."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import msgspec
import pytest

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.telemetry.predictions import Counts
from functions.monitoring.adapters.drift.comparisons import FirestoreComparisons, MemoryComparisons
from functions.monitoring.adapters.windows import call_counts
from functions.monitoring.adapters.windows.call_counts import FirestoreCounts, MemoryCounts
from functions.monitoring.model.drift.comparison import Comparison, Kept
from functions.monitoring.model.windows.hour_counts import HourCounts
from functions.monitoring.model.windows.window import Monitored
from functions.monitoring.service.drift.ports import Comparisons
from functions.monitoring.service.windows.ports import CallCounts

NOON = 29_000_040
"""A minute, the last but twenty of an hour."""


def new() -> Monitored:
    return Monitored(Place(MAIN, f"m-{uuid4().hex[:8]}"), 2)


@pytest.fixture(params=["memory", "firestore"])
def counts(request: pytest.FixtureRequest) -> CallCounts:
    if request.param == "memory":
        return MemoryCounts()
    request.getfixturevalue("emulators")
    return FirestoreCounts()


@pytest.fixture(params=["memory", "firestore"])
def comparisons(request: pytest.FixtureRequest) -> Comparisons:
    if request.param == "memory":
        return MemoryComparisons()
    request.getfixturevalue("emulators")
    return FirestoreComparisons()


def test_an_event_counts_once_in_its_minute(counts: CallCounts) -> None:
    of, other = new(), new()
    for _ in range(2):
        counts.add(of, "u", NOON, "a", Counts(errors=2))
        counts.add(of, "u", NOON, "b", Counts(errors=1, quota_hits=4))
        counts.add(of, "u", NOON + 60, "c", Counts(cold_starts=1))
    counts.add(of, "another", NOON, "a", Counts(errors=9))
    counts.add(other, "u", NOON, "a", Counts(refused=1))
    assert counts.minutes(of, "u", [NOON, NOON + 1, NOON + 60]) == {
        NOON: Counts(errors=3, quota_hits=4),
        NOON + 60: Counts(cold_starts=1),
    }
    assert counts.minutes(of, "u", [NOON + 1]) == counts.minutes(of, "u", []) == {}
    assert counts.minutes(other, "u", [NOON]) == {NOON: Counts(refused=1)}


def test_what_is_old_or_another_model_s_goes(counts: CallCounts) -> None:
    of, other = new(), new()
    for one in (of, other):
        counts.add(one, "u", NOON, "a", Counts(errors=1))
        counts.add(one, "u", NOON + 60, "b", Counts(errors=1))
        counts.add(one, "v", NOON + 60, "c", Counts(errors=1))
    counts.drop(of, NOON + 60)
    assert [*counts.minutes(of, "u", [NOON, NOON + 60])] == [NOON + 60]
    counts.drop_others(of, "v")
    assert counts.minutes(of, "u", [NOON + 60]) == {}
    assert counts.minutes(of, "v", [NOON + 60]) == {NOON + 60: Counts(errors=1)}
    assert [*counts.minutes(other, "u", [NOON, NOON + 60])] == [NOON, NOON + 60]


def test_events_that_come_at_once_all_count(counts: CallCounts) -> None:
    of = new()
    with ThreadPoolExecutor(4) as some:
        for number in range(12):
            some.submit(counts.add, of, "u", NOON, f"e{number}", Counts(errors=1))
    assert counts.minutes(of, "u", [NOON]) == {NOON: Counts(errors=12)}


def test_no_document_is_of_many_replicas_or_of_many_minutes(emulators: dict[str, str]) -> None:
    """It would be written too often, and be too large in the end."""
    of, kept = new(), FirestoreCounts()
    for sender, minute, number in itertools.product(range(3), range(4), range(2)):
        kept.add(of, "u", NOON + minute, f"s{sender}-{number}", Counts(errors=1))
    found = [one.get("body") for one in call_counts._collection(of).stream()]
    assert len(found) == 3 * 4
    assert all(len(msgspec.json.decode(body)["events"]) == 2 for body in found)
    minutes = [NOON + minute for minute in range(-40, 40)]
    assert kept.minutes(of, "u", minutes) == {NOON + at: Counts(errors=6) for at in range(4)}


def test_counts_of_an_earlier_release_are_read_and_go(emulators: dict[str, str]) -> None:
    of, kept, hour = new(), FirestoreCounts(), NOON // 60
    held = HourCounts().plus(NOON, "a", Counts(errors=2))
    body = msgspec.json.encode(held).decode()
    call_counts._collection(of).document(f"u-{hour}").set({"hour": hour, "body": body})
    kept.add(of, "u", NOON, "b", Counts(errors=1))
    assert kept.minutes(of, "u", [NOON]) == {NOON: Counts(errors=3)}
    kept.drop(of, NOON + 60)
    assert kept.minutes(of, "u", [NOON]) == {}


def test_a_comparison_is_kept_as_it_was_said_last(comparisons: Comparisons) -> None:
    model = new().model
    assert comparisons.find(model) is None
    for comparison in (Comparison("season"), Comparison("training")):
        kept = Kept("u", comparison)
        comparisons.keep(model, kept)
        assert comparisons.find(model) == kept
