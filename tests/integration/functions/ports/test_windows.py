"""Windows in memory and in Firestore: the same promises."""

import random
import zlib
from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

import msgspec
import pytest

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_stepped import MemoryStepped
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.steps.stepped_documents import SteppedDocuments
from functions.kit.contract import steps
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.ports import StepStore
from functions.kit.contract.stepped import SteppedStore
from functions.kit.contract.steps import Lease, Superseded
from functions.monitoring.adapters.windows import firestore_windows
from functions.monitoring.adapters.windows.firestore_windows import FirestoreWindows
from functions.monitoring.adapters.windows.memory_windows import MemoryWindows
from functions.monitoring.model.windows.measures import Reading
from functions.monitoring.model.windows.monitor import MONITOR, Monitor, sum_step, tell
from functions.monitoring.model.windows.window import Monitored, Span, Window
from functions.monitoring.service.windows.ports import Windows


class Kept(NamedTuple):
    """Windows, and the steps under whose leases they are kept."""

    steps: StepStore
    monitors: SteppedStore[Monitor]
    windows: Windows


@pytest.fixture
def windows(kept: Kept) -> Windows:
    return kept.windows


@pytest.fixture(params=["memory", "firestore"])
def kept(request: pytest.FixtureRequest) -> Iterator[Kept]:
    if request.param == "memory":
        memory = MemorySteps("monitoring", SystemClock())
        yield Kept(memory, MemoryStepped(MONITOR, memory), MemoryWindows(memory))
    else:
        request.getfixturevalue("emulators")
        stored = FirestoreSteps("monitoring", SystemClock())
        yield Kept(stored, SteppedDocuments(MONITOR, stored), FirestoreWindows(stored))


def new(workspace: str = MAIN, name: str = "") -> Monitored:
    return Monitored(Place(workspace, name or f"m-{uuid4().hex[:8]}"), 2)


def window(of: Monitored, span: Span, first: int, rows: int = 1, **more: Reading) -> Window:
    name = of.model.name
    return Window(
        model=name,
        version=of.version,
        span=span,
        first=first,
        end_minute=first + 1,
        rows=rows,
        measures={"calls": Reading(1.5, low=0.25, alarm=True, why="ä"), **more},
        sums=f"sums/{span}/{first}",
    )


def test_windows_come_back_as_they_were_the_newest_of_a_span(windows: Windows) -> None:
    of = new()
    hours = [window(of, "hour", first) for first in (60, 0, 29_000_000, 120)]
    windows.store(of, [*hours, window(of, "minute", 61), window(of, "day", 0)])
    ordered = sorted(hours, key=lambda one: one.first)
    assert windows.last(of, "hour", 10) == ordered
    assert windows.last(of, "hour", 2) == ordered[-2:]
    assert windows.last(of, "hour", 1, before=120) == [ordered[1]]
    assert windows.first(of, "hour", 2) == ordered[:2]
    assert windows.first(of, "hour", 10, since=60, before=29_000_000) == ordered[1:3]
    assert windows.last(of, "count", 10) == []
    assert windows.find(of, ["hour-60", "minute-61", "hour-61"]) == {
        "hour-60": ordered[1],
        "minute-61": window(of, "minute", 61),
    }
    assert windows.find(of, []) == {}


def test_a_window_takes_the_place_of_its_like_and_goes_where_it_is_told(windows: Windows) -> None:
    of = new()
    windows.store(of, [window(of, "hour", 0), window(of, "hour", 60)])
    windows.store(of, [window(of, "hour", 0, rows=7)], ["hour-60", "hour-999"])
    assert windows.last(of, "hour", 10) == [window(of, "hour", 0, rows=7)]


KINDS = ("drift", "psi", "missing", "out_of_range", "mistyped")


def readings(columns: int) -> dict[str, Reading]:
    """Return what may be measured of so many columns with long names."""
    chance = random.Random(1)
    names = [f"{number:04d} {chance.randbytes(90).hex()}" for number in range(columns)]
    return {f"{kind}:{name}": Reading(chance.random()) for kind in KINDS for name in names}


def test_windows_of_the_widest_tables_are_kept(windows: Windows) -> None:
    of, more = new(), readings(1000)
    wide = [window(of, "minute", first, 1, **more) for first in range(30)]
    windows.store(of, wide)
    assert windows.last(of, "minute", 40) == wide


@pytest.mark.parametrize("columns", [2, 400])
def test_what_is_needed_of_windows_is_read_alone(windows: Windows, columns: int) -> None:
    of, more = new(), readings(columns)
    chosen = [*more][columns - 1]
    beside = {"quality:accuracy": Reading(0.5), "drift": Reading(0.25)}
    whole = [window(of, "hour", first, 1, **more, **beside) for first in (0, 60)]
    windows.store(of, whole)
    every = whole[0].measures
    for asked, wanted in (
        ([], {"calls", *beside}),
        (["calls", "quality:accuracy"], {"calls", *beside}),
        ([chosen], {"calls", *beside, chosen}),
        (["psi:"], {"calls", *beside, *(one for one in more if one.startswith("psi:"))}),
        (["quality:", "no:such", "drift:none"], {"calls", *beside}),
    ):
        read = [
            *windows.last(of, "hour", 9, measures=asked),
            *windows.first(of, "hour", 9, measures=asked),
            *windows.find(of, ["hour-0", "hour-60"], asked).values(),
        ]
        assert len(read) == 6
        for one in read:
            assert (one.first, one.sums) in {(it.first, it.sums) for it in whole}
            assert wanted <= one.measures.keys()
            assert one.measures == {name: every[name] for name in one.measures}
            if columns > 2 and "psi:" not in asked:  # a few columns are not worth the parting
                assert len(one.measures) < len(every) / 8
    assert windows.last(of, "hour", 9) == whole


def test_windows_of_an_earlier_release_are_read(kept: Kept) -> None:
    """They are one field, packed or not."""
    of, more = new(), readings(400)
    wide, narrow = window(of, "hour", 0, 1, **more), window(of, "hour", 60)
    kept.windows.store(of, [wide, narrow])
    if isinstance(kept.windows, FirestoreWindows):
        place = firestore_windows._collection(of).document(wide.id)
        whole = zlib.compress(msgspec.json.encode(wide))
        place.set({"order": place.get().get("order"), "sums": wide.sums, "window": whole})
    name = next(iter(more))
    assert kept.windows.last(of, "hour", 9) == [wide, narrow]
    assert kept.windows.find(of, [wide.id], [name])[wide.id].measures[name] == more[name]


@pytest.mark.parametrize("name", ["", "m" * 100, "v2-x"])
def test_each_version_of_each_workspace_has_its_own(windows: Windows, name: str) -> None:
    name = name or f"m-{uuid4().hex[:8]}"
    ours, theirs = new(name=name), new("other", name=name)
    third = Monitored(ours.model, 3)
    for of in (ours, theirs, third):
        windows.clear(of)
    windows.store(ours, [window(ours, "hour", 0)])
    windows.store(theirs, [window(theirs, "hour", 60)])
    assert windows.last(third, "hour", 10) == []
    assert [one.first for one in windows.last(theirs, "hour", 10)] == [60]
    assert windows.clear(ours) == ["sums/hour/0"]
    assert windows.last(ours, "hour", 10) == []
    assert [one.first for one in windows.last(theirs, "hour", 10)] == [60]


def test_many_windows_are_kept_at_once(windows: Windows) -> None:
    of = new()
    many = [window(of, "minute", first) for first in range(901)]
    windows.store(of, many)
    assert windows.first(of, "minute", 2_000) == many
    windows.store(of, [], [one.id for one in many])
    assert windows.first(of, "minute", 2_000) == []


def test_who_has_lost_the_step_changes_nothing(kept: Kept) -> None:
    """He may have listed the log before the other did, and would take from what that has seen."""
    of, now, windows = new(), SystemClock().now(), kept.windows
    fresh = Monitor(workspace=MAIN, model=of.model.name, version=of.version, created_at=now)
    kept.monitors.create(tell(fresh, [1], 0))
    first, second = (Lease(sum_step(of), holder) for holder in ("first", "second"))
    kept.steps.change(first.step, lambda found: steps.take(found, "first", now))
    windows.store(of, [window(of, "minute", 1, rows=3)], lease=first)
    later = now + 2 * steps.LEASE
    kept.steps.change(first.step, lambda found: steps.take(found, "second", later))
    windows.store(of, [window(of, "minute", 1, rows=5)], lease=second)
    with pytest.raises(Superseded):
        windows.store(of, [window(of, "minute", 1, rows=4)], lease=first)
    with pytest.raises(Superseded):
        windows.clear(of, first)
    assert windows.last(of, "minute", 9) == [window(of, "minute", 1, rows=5)]
