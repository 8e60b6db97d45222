"""The store of jobs: the double in memory and Firestore keep the same promises."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from functions.kit.contract.columns import Column
from functions.kit.contract.errors import NotFound, Unreadable
from functions.training.adapters.firestore_jobs import Store
from functions.training.adapters.memory_jobs import MemoryStore
from functions.training.learning.algorithms import Choice
from functions.training.model import jobs, transitions
from functions.training.model.jobs import Fold, Job, JobRequest, TrainingData
from functions.training.service.ports import JobStore

NOON = dt.datetime(2020, 1, 31, 12, tzinfo=dt.UTC)
# A time that no other test has: what they make stands in the same store.
LONG_AGO = dt.datetime(1999, 1, 31, 12, tzinfo=dt.UTC)


@pytest.fixture(params=["memory", "firestore"])
def store(request: pytest.FixtureRequest) -> JobStore:
    if request.param == "memory":
        return MemoryStore()
    request.getfixturevalue("emulators")
    return Store()


def queued(**fields: Any) -> Job:
    request = JobRequest(dataset="d", target="y", folds=2)
    return replace(jobs.new(uuid4().hex, request, NOON), **fields)


def started(job: Job) -> Job:
    data = TrainingData(3, "snapshots/d/3.parquet", [Column("y", "boolean")], "binary")
    choices = [Choice("logistic_regression", {"C": 2.0}), Choice("random_forest")]
    return transitions.start(job, data, choices, NOON)


def test_a_job_is_found_as_it_was_made(store: JobStore) -> None:
    job = queued(evaluation={"roc": [[0.0, 0.0], [1.0, 1.0]]})
    assert store.create(job) is True
    assert (store.find(job.id), store.load(job.id)) == (job, job)


def test_of_two_of_one_id_the_first_stays(store: JobStore) -> None:
    job = queued()
    store.create(job)
    assert store.create(replace(job, model="other")) is False
    assert store.load(job.id) == job


@pytest.mark.parametrize("odd", ["0" * 32])
def test_a_job_that_is_not_there(store: JobStore, odd: str) -> None:
    assert store.find(odd) is None
    with pytest.raises(NotFound, match=f"no job '{odd}'"):
        store.load(odd)
    with pytest.raises(NotFound, match=f"no job '{odd}'"):
        store.update(odd, started)


def test_changes_are_kept_with_the_candidates(store: JobStore) -> None:
    job = queued()
    store.create(job)
    running = store.update(job.id, started)
    assert [one.algorithm for one in running.candidates] == ["logistic_regression", "random_forest"]
    fold = Fold({"roc_auc": 0.5}, 0.25)
    after = store.update(job.id, lambda job: transitions.record_fold(job, 1, 0, fold))
    assert store.load(job.id) == after
    assert ([one.folds_done for one in after.candidates], after.progress) == ([0, 1], 0.1667)
    assert after.candidates[1].results == [fold]


def test_a_change_that_fails_writes_nothing(store: JobStore) -> None:
    job = queued()
    store.create(job)

    def fail(_: Job) -> Job:
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"):
        store.update(job.id, fail)
    assert store.load(job.id) == job


def test_pages_are_newest_first(store: JobStore) -> None:
    made = [queued(created_at=LONG_AGO + dt.timedelta(hours=hour)) for hour in range(4)]
    for job in made:
        store.create(job)
    store.update(made[2].id, started)
    first = store.page(2, made[3].id)
    assert [(one.id, one.state) for one in first] == [
        (made[2].id, "running"),
        (made[1].id, "queued"),
    ]
    assert [one.id for one in store.page(1, made[1].id)] == [made[0].id]
    newest = [one.created_at for one in store.page(3, None)]
    assert newest == sorted(newest, reverse=True)
    with pytest.raises(Unreadable, match="cursor"):
        store.page(1, "0" * 32)
