"""Outlines of jobs: as the store has them, of which what is over is not read again."""

import datetime as dt
import random
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.training.model.jobs import Job, State
from functions.training.model.views import JobOutline
from functions.training.service import outlines
from functions.training.service.outlines import Outlines

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


class Told:
    """A store that says what it was asked for."""

    def __init__(self) -> None:
        self.jobs: dict[str, JobOutline] = {}
        self.read: list[int] = []

    def put(self, number: int, state: State = "succeeded", second: float | None = None) -> None:
        at = NOON + dt.timedelta(seconds=number * 60 if second is None else second)
        name = f"j{number}"
        self.jobs[name] = JobOutline(
            id=name, model="m", dataset="d", target="t", state=state, created_at=at
        )

    def outlines(self, workspace: str, since: dt.datetime | None = None) -> list[JobOutline]:
        found = [one for one in self.jobs.values() if since is None or one.created_at >= since]
        self.read.append(len(found))
        return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)

    def outlined(self, places: Sequence[Place]) -> list[JobOutline]:
        self.read.append(len(places))
        return [self.jobs[one.name] for one in places if one.name in self.jobs]

    def count(self, workspace: str) -> int:
        return len(self.jobs)


@pytest.fixture
def store() -> Told:
    made = Told()
    for number in range(1000):
        made.put(number)
    return made


def check(known: Outlines, store: Told) -> None:
    whole = sorted(store.jobs.values(), key=lambda one: (one.created_at, one.id), reverse=True)
    assert list(known.of(MAIN)) == whole


def test_what_has_ended_is_read_once(store):
    known = Outlines(store)
    check(known, store)
    assert sum(store.read) == 1000
    store.put(1000, "running")
    for _ in range(20):  # letters of a search
        store.read.clear()
        check(known, store)
        assert sum(store.read) <= 5


def test_a_job_that_runs_is_read_until_it_has_ended(store):
    store.put(500, "running")
    known = Outlines(store)
    known.of(MAIN)
    store.put(500, "failed")
    check(known, store)
    store.read.clear()
    check(known, store)
    assert len(store.read) == 1  # only whether there are new ones


def test_what_is_removed_is_known_by_their_number(store):
    known = Outlines(store)
    known.of(MAIN)
    del store.jobs["j3"]
    check(known, store)
    store.put(500, "running")
    known.of(MAIN)
    del store.jobs["j500"]
    check(known, store)


def test_whatever_happens_a_list_is_as_the_store_has_it():
    chance, store = random.Random(3), Told()
    known = Outlines(store)
    for number in range(400):
        if chance.random() < 0.6:  # one may be written a little later than it says
            store.put(number, "running", number - chance.random() * 60)
        open_ones = [name for name, one in store.jobs.items() if one.state == "running"]
        if open_ones and chance.random() < 0.5:
            name = chance.choice(open_ones)
            store.jobs[name] = replace(store.jobs[name], state="succeeded")
        over = [name for name, one in store.jobs.items() if one.state == "succeeded"]
        if over and chance.random() < 0.1:
            del store.jobs[chance.choice(over)]
        check(known, store)


def test_more_than_is_remembered_is_read_each_time(store, monkeypatch):
    monkeypatch.setattr(outlines, "MOST", 999)
    known = Outlines(store)
    for _ in range(2):
        store.read.clear()
        check(known, store)
        assert store.read == [1000]


def test_an_outline_has_fields_of_a_job():
    """Firestore gives these alone."""
    assert set(JobOutline.__struct_fields__) <= set(Job.__struct_fields__)
