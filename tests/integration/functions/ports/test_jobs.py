"""The store of jobs: the double in memory and Firestore keep the same promises."""

import datetime as dt
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from msgspec.structs import replace

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract import steps
from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away, Conflict, Gone, NotFound, Unreadable
from functions.kit.contract.ports import StepStore
from functions.kit.contract.records.columns import Column
from functions.kit.contract.steps import Lease, Step, Superseded
from functions.training.adapters.firestore_jobs import Store
from functions.training.adapters.memory_jobs import MemoryStore
from functions.training.learning.candidates.algorithms import Choice
from functions.training.model import jobs, transitions
from functions.training.model.admission import Caps
from functions.training.model.due import (
    candidate_step,
    due_steps,
    finish_step,
    start_step,
    tidy_step,
)
from functions.training.model.jobs import Fold, Job, Rung, Search, Summary, TrainingData
from functions.training.model.requests.spec import JobRequest
from functions.training.service.ports import JobStore

NOON = dt.datetime(2020, 1, 31, 12, tzinfo=dt.UTC)
FOLD = Fold({"roc_auc": 0.5}, 0.25)
# A time that no other test has: what they make stands in the same store.
LONG_AGO = dt.datetime(1999, 1, 31, 12, tzinfo=dt.UTC)
CAPS = Caps(jobs=2, workspace_jobs=1, candidates=3, workspace_candidates=2, waiting=4)


class Kept(NamedTuple):
    """The jobs, and the steps that are due for them."""

    jobs: JobStore
    steps: StepStore


@pytest.fixture(params=["memory", "firestore"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        memory = MemorySteps("training", SystemClock())
        return Kept(MemoryStore(memory, CAPS), memory)
    request.getfixturevalue("emulators")
    steps = FirestoreSteps("training", SystemClock())
    return Kept(Store(steps, CAPS, f"training_queue/{uuid4().hex}"), steps)


@pytest.fixture
def store(kept: Kept) -> JobStore:
    return kept.jobs


def waiting(workspace: str = MAIN) -> Job:
    request = JobRequest(dataset="d", target="y", folds=2)
    return jobs.new(Place(workspace, uuid4().hex), "ann", request, NOON)


def queued(workspace: str = MAIN, **fields: Any) -> Job:
    """Return a job that has been admitted; no other job waits for it."""
    return replace(waiting(workspace), **{"slots": 2, **fields})


def started(job: Job) -> Job:
    data = TrainingData(3, "snapshots/d/3.parquet", [Column("y", "boolean")], "binary", 80)
    choices = [Choice("logistic_regression", {"C": 2.0}), Choice("random_forest")]
    search = Search(choices, [Rung(None, 2, 2)], seconds=15)
    return transitions.start(job, data, search, NOON)


def fail_candidate(job: Job) -> Job:
    return transitions.fail_candidate(job, 0, "no luck", NOON)


def end_candidate(job: Job) -> Job:
    done = transitions.record_folds(job, 1, 0, [Fold({}, 0.1)] * 2, "training/j/1.npy")
    return transitions.end_candidate(done, 1, Summary({}, {}, 0.5), NOON)


def test_a_job_is_found_as_it_was_made(store: JobStore) -> None:
    job = queued(evaluation={"roc": [[0.0, 0.0], [1.0, 1.0]]})
    assert store.create(job) is True
    assert (store.find(job.place), store.load(job.place)) == (job, job)


def test_of_two_of_one_id_the_first_stays(store: JobStore) -> None:
    job = queued()
    store.create(job)
    assert store.create(replace(job, model="other")) is False
    assert store.load(job.place) == job


def check_missing(store: JobStore, place: Place) -> None:
    assert store.find(place) is None
    for act in (store.load, lambda place: store.update(place, started), store.restore_steps):
        with pytest.raises(NotFound, match=f"no job '{place.name}'"):
            act(place)


def test_a_job_that_is_not_there(store: JobStore) -> None:
    check_missing(store, Place(MAIN, "0" * 32))


@pytest.mark.parametrize(("its", "other"), [(MAIN, "team"), ("team", MAIN), ("team", "else")])
def test_a_job_is_known_in_its_workspace_alone(store: JobStore, its: str, other: str) -> None:
    job = queued(its)
    store.create(job)
    check_missing(store, Place(other, job.id))
    namesake = replace(job, workspace=other, owner="bob", model="theirs")
    assert store.create(namesake) is True
    assert (store.load(job.place), store.load(namesake.place)) == (job, namesake)
    store.update(namesake.place, started)
    assert store.load(job.place) == job


def test_a_list_is_of_one_workspace_and_so_are_its_cursors(store: JobStore) -> None:
    ours, theirs = (f"w{uuid4().hex[:12]}" for _ in range(2))
    made = [queued(ours, created_at=NOON + dt.timedelta(hours=hour)) for hour in range(3)]
    other = queued(theirs)
    for job in (*made, other):
        store.create(job)
    store.update(made[0].place, started)
    page = store.page(ours, 10, None)
    assert [(one.id, one.owner) for one in page] == [(job.id, "ann") for job in reversed(made)]
    assert page[2].state == "running"
    assert [one.id for one in store.page(ours, 10, made[1].id)] == [made[0].id]
    assert [one.id for one in store.page(theirs, 10, None)] == [other.id]
    assert [store.count(one) for one in (ours, theirs, f"{ours}x")] == [3, 1, 0]
    outlines = store.outlines(ours)
    assert [(one.id, one.target, one.state) for one in outlines] == [
        (one.id, one.target, one.state) for one in page
    ]
    assert store.outlines(ours, NOON + dt.timedelta(hours=1)) == outlines[:2]
    assert store.outlined([made[0].place, Place(ours, "0" * 32)]) == outlines[2:]
    places = [made[0].place, Place(ours, "0" * 32), made[2].place]
    assert store.summaries(places) == [page[2], page[0]]
    for unknown in (other.id, "0" * 32):
        with pytest.raises(Unreadable, match="cursor is not one"):
            store.page(ours, 10, unknown)


def test_a_job_of_an_earlier_release_is_the_owner_s(emulators: dict[str, str]) -> None:
    store = Store(FirestoreSteps("training", SystemClock()))
    job = queued()
    store.create(job)
    gone = dict.fromkeys(("workspace", "owner"), google_firestore.DELETE_FIELD)
    firestore.client().document(f"jobs/{job.id}").update(gone)
    assert store.load(job.place) == replace(job, workspace=MAIN, owner=OWNER)


def test_changes_are_kept_with_the_candidates(store: JobStore) -> None:
    job = queued()
    store.create(job)
    running = store.update(job.place, started)
    assert [one.algorithm for one in running.candidates] == ["logistic_regression", "random_forest"]
    after = store.update(job.place, lambda job: transitions.record_folds(job, 1, 0, [FOLD]))
    assert store.load(job.place) == after
    assert ([one.folds_done for one in after.candidates], after.progress) == ([0, 1], 0.1667)
    assert after.candidates[1].results == [FOLD]


def test_a_change_that_fails_writes_nothing(store: JobStore) -> None:
    job = queued()
    store.create(job)

    def fail(_: Job) -> Job:
        raise ValueError("no luck")

    with pytest.raises(ValueError, match="no luck"):
        store.update(job.place, fail)
    assert store.load(job.place) == job


def test_pages_are_newest_first(store: JobStore) -> None:
    made = [queued(created_at=LONG_AGO + dt.timedelta(hours=hour)) for hour in range(4)]
    for job in made:
        store.create(job)
    store.update(made[2].place, started)
    first = store.page(MAIN, 2, made[3].id)
    assert [(one.id, one.state) for one in first] == [
        (made[2].id, "running"),
        (made[1].id, "queued"),
    ]
    assert [one.id for one in store.page(MAIN, 1, made[1].id)] == [made[0].id]
    newest = [one.created_at for one in store.page(MAIN, 3, None)]
    assert newest == sorted(newest, reverse=True)
    with pytest.raises(Unreadable, match="cursor"):
        store.page(MAIN, 1, "0" * 32)


def is_due(kept: Kept, step: Step) -> bool:
    return kept.steps.find([step]) != [None]


@pytest.mark.parametrize("workspace", [MAIN, "team"])
def test_the_steps_that_are_due_are_written_and_dropped_with_the_job(
    kept: Kept, workspace: str
) -> None:
    job = queued(workspace)
    kept.jobs.create(job)
    assert is_due(kept, start_step(job.place))
    running = kept.jobs.update(job.place, started)
    first, second = (candidate_step(job.place, index) for index in range(2))
    assert due_steps(running) == [first, second]
    assert [is_due(kept, one) for one in (start_step(job.place), first, second)] == [
        False,
        True,
        True,
    ]
    kept.jobs.update(job.place, fail_candidate)
    assert [is_due(kept, one) for one in (first, second)] == [False, True]
    kept.jobs.update(job.place, end_candidate)
    assert [is_due(kept, one) for one in (second, finish_step(job.place))] == [False, True]
    kept.jobs.update(job.place, lambda job: transitions.cancel(job, NOON))
    assert [is_due(kept, step(job.place)) for step in (finish_step, tidy_step)] == [False, True]
    kept.jobs.update(job.place, transitions.tidied)
    assert not is_due(kept, tidy_step(job.place))


def test_a_change_under_a_lease_is_kept_only_while_it_is_ours(kept: Kept) -> None:
    job = queued()
    kept.jobs.create(job)
    ours, theirs = (Lease(start_step(job.place), holder) for holder in ("we", "they"))
    kept.steps.change(ours.step, lambda found: steps.take(found, "we", SystemClock().now()))
    counted = kept.jobs.update(job.place, lambda job: transitions.begin_start(job, NOON), ours)
    assert counted.attempts == 1
    with pytest.raises(Superseded):
        kept.jobs.update(job.place, started, theirs)
    assert kept.jobs.load(job.place) == counted
    kept.jobs.update(job.place, started, ours)
    with pytest.raises(Superseded):  # it has ended with that
        kept.jobs.update(job.place, lambda job: job, ours)


def test_steps_that_are_not_kept_are_restored(kept: Kept) -> None:
    job = queued()
    kept.jobs.create(job)
    job = kept.jobs.update(job.place, started)
    taken, lost = due_steps(job)
    kept.steps.change(taken, lambda found: steps.take(found, "we", SystemClock().now()))
    forget(kept.steps, lost)
    assert not is_due(kept, lost)
    assert kept.jobs.restore_steps(job.place) == kept.jobs.load(job.place)
    [still, again] = kept.steps.find([taken, lost])
    assert still
    assert again
    assert (still.holder, again.holder) == ("we", "")


def forget(kept: StepStore, step: Step) -> None:
    """Remove a step as no part of ours does."""
    if isinstance(kept, MemorySteps):
        kept.drop([step])
    if isinstance(kept, FirestoreSteps):
        kept.reference(step).delete()


def test_jobs_are_admitted_in_order_and_where_there_is_room(kept: Kept) -> None:
    made = [waiting(workspace) for workspace in ("a", "a", "b", "c")]
    for job in made:
        assert kept.jobs.create(job)
        assert not is_due(kept, start_step(job.place))
    assert [kept.jobs.load(job.place).waits_at for job in made] == [1, 2, 3, 4]
    first, second, third, fourth = made
    assert kept.jobs.admit() == [start_step(first.place), start_step(third.place)]
    assert kept.jobs.admit() == []  # nobody twice
    found = [kept.jobs.load(job.place) for job in made]
    assert [(job.slots, job.waits_at) for job in found] == [(2, None), (0, 1), (1, None), (0, 2)]
    assert [is_due(kept, start_step(job.place)) for job in made] == [True, False, True, False]
    kept.jobs.update(first.place, lambda job: transitions.cancel(job, NOON))
    assert kept.jobs.admit() == [start_step(second.place)]
    assert kept.jobs.load(fourth.place).waits_at == 1


def test_a_job_that_is_gone_lets_the_next_in(kept: Kept) -> None:
    made = [waiting("a") for _ in range(3)]
    for job in made:
        kept.jobs.create(job)
    kept.jobs.admit()
    for job in made[:2]:
        kept.jobs.update(job.place, lambda job: transitions.cancel(job, NOON))
        kept.jobs.remove(job.place)
        assert kept.jobs.find(job.place) is None
    assert kept.jobs.admit() == [start_step(made[2].place)]


def test_too_many_that_wait_are_refused(kept: Kept) -> None:
    for _ in range(4):
        kept.jobs.create(waiting("a"))
    refused = waiting("b")
    with pytest.raises(Away, match="4 jobs wait already"):
        kept.jobs.create(refused)
    assert kept.jobs.find(refused.place) is None


def test_only_a_job_that_has_ended_and_keeps_nothing_is_removed(kept: Kept) -> None:
    job = queued()
    kept.jobs.create(job)
    kept.jobs.update(job.place, started)
    with pytest.raises(Conflict, match="has not ended"):
        kept.jobs.remove(job.place)
    kept.jobs.update(job.place, lambda job: transitions.cancel(job, NOON))
    with pytest.raises(Conflict, match="still being removed"):
        kept.jobs.remove(job.place)
    kept.jobs.update(job.place, transitions.tidied)
    kept.jobs.remove(job.place)
    check_missing(kept.jobs, job.place)
    with pytest.raises(NotFound):
        kept.jobs.remove(job.place)
    # What it made bears its id still: another job of the id would be taken for it.
    with pytest.raises(Gone, match=f"Job '{job.id}', which this request made, has been removed"):
        kept.jobs.create(job)
    check_missing(kept.jobs, job.place)
    assert kept.jobs.create(replace(job, workspace="another-of-removals"))


def test_the_progress_of_what_has_ended_is_listed_as_it_was(store: JobStore) -> None:
    ours = f"w{uuid4().hex[:12]}"
    job = queued(ours)
    store.create(job)
    store.update(job.place, started)
    half = store.update(job.place, lambda job: transitions.record_folds(job, 1, 0, [FOLD]))
    ended = store.update(job.place, lambda job: transitions.cancel(job, NOON))
    assert (half.progress, ended.progress) == (0.1667, 0.1667)
    assert [one.progress for one in store.page(ours, 1, None)] == [0.1667]
    assert store.load(job.place) == ended
