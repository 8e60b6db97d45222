"""The search as a job's state: rungs, budgets, patience, and what is said of what was not tried."""

import datetime as dt
import random

import pytest
from msgspec.structs import replace

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.training.learning.candidates.algorithms import Choice
from functions.training.model import jobs, search, transitions
from functions.training.model.due import candidate_step, due_steps, finish_step
from functions.training.model.jobs import Fold, Job, Rung, Search, Summary, TrainingData
from functions.training.model.progress import with_progress
from functions.training.model.requests.spec import JobRequest
from functions.training.model.search import PATIENCE

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
LATE = NOON + dt.timedelta(seconds=16)
HALVING = [Rung(100, 1, 3), Rung(400, 1, 2), Rung(None, 2, 2)]
DATA = TrainingData(1, "snapshots/d/1.parquet", [], "binary", 800)


def running(rungs: list[Rung] = HALVING, count: int = 6, seconds: float | None = 15.0) -> Job:
    request = JobRequest(dataset="d", target="y", folds=2)
    job = replace(jobs.new(Place(MAIN, "j"), "ann", request, NOON), slots=2)
    choices = [Choice("random_forest", {"n_estimators": 10 + one}) for one in range(count)]
    return transitions.start(job, DATA, Search(choices, rungs, seconds), NOON)


def tried(job: Job, index: int, score: float, now: dt.datetime = NOON) -> Job:
    """Return the job after a candidate did the rest of its rung."""
    one = job.candidates[index]
    folds = [Fold({}, 0.1)] * (one.folds - one.folds_done)
    job = transitions.record_folds(job, index, one.folds_done, folds)
    return transitions.end_candidate(job, index, Summary({}, {}, score), now)


def states(job: Job) -> list[str]:
    return [one.state for one in job.candidates]


def test_the_best_of_each_rung_go_on() -> None:
    job = running()
    for index in range(6):
        assert job.rung == 0
        job = tried(job, index, index / 10)
    assert (job.rung, states(job)) == (1, ["pruned"] * 3 + ["queued"] * 3)
    assert [(one.rows, one.folds, one.folds_done) for one in job.candidates[3:]] == [
        (400, 1, 0)
    ] * 3
    for index, score in ((5, 0.1), (3, 0.9), (4, 0.5)):
        job = tried(job, index, score)
    assert (job.rung, states(job)) == (2, ["pruned"] * 3 + ["queued", "queued", "pruned"])
    assert transitions.next_steps(job).candidates == [3, 4]  # the best first
    for index in (4, 3):
        job = tried(job, index, 0.7)
    assert states(job)[3:5] == ["succeeded", "succeeded"]
    assert due_steps(job) == [finish_step(job.place)]
    assert search.notes(job) == [
        "4 of 6 candidates were tried on part of the rows or folds alone: others did better there."
    ]


def test_folds_that_were_done_on_all_rows_are_not_done_again() -> None:
    job = running([Rung(None, 1, 1), Rung(None, 2, 1)], count=2)
    for index in (0, 1):
        job = transitions.record_folds(job, index, 0, [Fold({}, 0.1 + index)], f"{index}.npy")
        job = transitions.end_candidate(job, index, Summary({}, {}, float(index)), NOON)
    best = job.candidates[1]
    assert (best.state, best.folds_done, best.folds) == ("queued", 1, 2)
    assert (best.results, best.files) == ([Fold({}, 1.1)], ["1.npy"])
    job = transitions.record_folds(job, 1, 1, [Fold({}, 0.2)], "more.npy")
    assert job.candidates[1].files == ["1.npy", "more.npy"]


def test_folds_of_a_sample_are_done_again_on_all_rows() -> None:
    job = running([Rung(100, 1, 1), Rung(None, 2, 1)], count=2)
    for index in (0, 1):
        job = tried(job, index, float(index))
    best = job.candidates[1]
    assert (best.folds_done, best.results, best.files) == (0, [], [])


def test_what_was_cut_short_and_is_revived_goes_on_where_it_was() -> None:
    job = running([Rung(None, 3, 2)], count=2)
    job = transitions.record_folds(job, 1, 0, [Fold({}, 0.1)], "1.npy")
    job = tried(job, 0, 0.5, LATE)
    assert states(job) == ["succeeded", "skipped"]
    failing = replace(job.candidates[0], state="failed")
    job = search.settle(replace(job, candidates=[failing, job.candidates[1]]), LATE)
    revived = job.candidates[1]
    assert (revived.state, revived.folds_done, revived.files) == ("queued", 1, ["1.npy"])


def test_only_so_many_candidates_are_due_at_a_time() -> None:
    job = running()
    assert due_steps(job) == [candidate_step(job.place, index) for index in (0, 1)]
    job = tried(job, 0, 0.5)
    assert due_steps(job) == [candidate_step(job.place, index) for index in (1, 2)]


@pytest.mark.parametrize("done", range(8))
def test_a_time_that_is_over_ends_the_search_but_one_goes_all_the_way(done: int) -> None:
    job = running()
    for _ in range(done):
        index = transitions.next_steps(job).candidates[0]
        job = tried(job, index, 1 - index / 10)
    late = search.settle(job, LATE)
    assert search.settle(late, LATE) == late
    assert late.at_last_rung
    assert len(late.open_candidates) == 1
    [left] = late.open_candidates
    assert left.index == 0
    ended = tried(late, left.index, 0.5, LATE)
    assert due_steps(ended) == [finish_step(ended.place)]
    assert "queued" not in states(ended)


def test_on_the_last_rung_what_is_done_is_enough() -> None:
    job = tried(running([Rung(None, 2, 6)]), 0, 0.5)
    ended = transitions.begin_candidate(job, 1, LATE)
    assert states(ended) == ["succeeded", *["skipped"] * 5]
    [note] = search.notes(ended)
    assert note.startswith("5 of 6 candidates were not tried, because the search's time was over")
    assert note.endswith(": random forest.")


REPEATED = [Rung(None, 2, 3), Rung(None, 6, 3)]


def test_further_ways_to_deal_rows_out_go_on_from_the_first() -> None:
    job = running(REPEATED, count=4)
    for index in range(4):
        job = tried(job, index, index / 10)
    assert states(job) == ["pruned", *["queued"] * 3]
    assert [(one.folds, one.folds_done) for one in job.candidates[1:]] == [(6, 2)] * 3


@pytest.mark.parametrize("done", range(8))
def test_further_ways_to_deal_rows_out_are_for_the_time_that_is_left(done: int) -> None:
    job = running(REPEATED, count=4)
    for _ in range(done):
        if ready := transitions.next_steps(job).candidates:
            job = tried(job, ready[0], 1 - ready[0] / 10)
    late = search.settle(job, LATE)
    assert search.settle(late, LATE) == late
    if done == 0:
        [left] = late.open_candidates
        assert (left.index, left.folds) == (0, 2)
        late = tried(late, 0, 0.5, LATE)
    assert late.at_last_rung
    assert due_steps(late) == [finish_step(late.place)]
    succeeded = [one.index for one in late.candidates if one.state == "succeeded"]
    assert succeeded == list(range(max(1, min(done, 3))))
    assert all(one.folds_done == one.folds for one in late.candidates if one.index in succeeded)


def test_a_way_that_is_cut_short_leaves_what_was_done() -> None:
    job = running(REPEATED, count=3)
    for index in range(3):
        job = tried(job, index, index / 10)
    job = transitions.record_folds(job, 2, 2, [Fold({}, 0.1)] * 3)
    late = transitions.begin_candidate(job, 2, LATE)
    assert states(late) == ["succeeded"] * 3
    assert [one.folds for one in late.candidates] == [2, 2, 5]


def test_what_was_begun_is_told_from_what_was_not() -> None:
    job = running([Rung(None, 2, 3)], count=3)
    job = tried(transitions.record_folds(job, 1, 0, [Fold({}, 0.1)]), 0, 0.5)
    ended = search.settle(job, LATE)
    assert states(ended) == ["succeeded", "skipped", "skipped"]
    [untouched, begun] = search.notes(ended)
    assert untouched.startswith("1 of 3 candidates was not tried, because")
    assert begun.startswith("1 of 3 candidates was not tried to the end, because")


def test_what_fails_late_is_replaced_by_the_next_best() -> None:
    job = running()
    for index in range(6):
        job = tried(job, index, index / 10)
    job = search.settle(job, LATE)
    assert [one.index for one in job.open_candidates] == [5]
    for failing in (5, 4, 3):
        job = transitions.fail_candidate(job, failing, "no luck", LATE)
    assert [(one.index, one.rung) for one in job.open_candidates] == [(2, 2)]
    for failing in (2, 1, 0):
        job = transitions.fail_candidate(job, failing, "no luck", LATE)
    failed = transitions.begin_finish(job, LATE)
    assert (failed.state, failed.failure) == ("failed", "Every candidate failed: no luck")


def test_a_search_of_ours_stops_when_nothing_gets_better() -> None:
    job = running([Rung(None, 2, 20)], count=20, seconds=None)
    for index in range(PATIENCE + 1):
        assert job.open_candidates
        job = tried(job, index, 1 - index / 100)
    assert not job.open_candidates
    own = running([Rung(None, 2, 20)], count=20, seconds=None)
    own = replace(own, request=replace(own.request, candidates=[Choice("random_forest")]))
    for index in range(19):
        own = tried(own, index, 1 - index / 100)
    assert [one.index for one in own.open_candidates] == [19]


@pytest.mark.parametrize("rungs", [HALVING, REPEATED, [Rung(100, 1, 5), *REPEATED]])
@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_events_ends_the_search_and_progress_never_goes_back(
    seed: int, rungs: list[Rung]
) -> None:
    chance = random.Random(seed)
    job, now, progress, most = running(rungs, count=9), NOON, 0.0, 0
    for _ in range(200):
        following = transitions.next_steps(job)
        if following.finish:
            break
        index = chance.choice(following.candidates[: job.slots])
        now += dt.timedelta(seconds=chance.random())
        job = transitions.begin_candidate(job, index, now)
        if not job.candidates[index].ended:
            job = tried(job, index, chance.random(), now)
        found = with_progress(job).progress
        assert progress <= found < 1
        progress, most = found, max(most, len(due_steps(job)))
    assert transitions.next_steps(job).finish
    assert most <= 2
    assert "succeeded" in states(job)


def test_a_cancelled_job_has_nothing_under_way() -> None:
    job = transitions.begin_candidate(tried(running(), 0, 0.5), 1, NOON)
    for ended in (transitions.cancel(job, NOON), transitions.fail(job, "no luck", NOON)):
        assert states(ended) == ["succeeded", *["cancelled"] * 5]
        assert with_progress(ended).progress == with_progress(job).progress
