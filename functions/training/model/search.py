"""The search as a job's state: rungs, what goes on to the next one, when enough was tried.

Pure. Successive halving: a rung is done when each of its candidates is; the best of them go on.
"""

import datetime as dt
from collections.abc import Collection

from msgspec.structs import replace

from functions.kit.contract.wording import counted
from functions.training.learning.candidates.algorithms import in_words
from functions.training.model.jobs import Candidate, CandidateState, Job, Rung, promise
from functions.training.model.progress import rungs_of

# So many candidates in a row that are not better end the last rung of a search of ours.
PATIENCE = 5


def settle(job: Job, now: dt.datetime) -> Job:
    """Return the job after one of its candidates ended, or time passed: what is to go on goes on.

    Changes nothing while there is still something to try on this rung and time for it.
    """
    if job.state != "running":
        return job
    job = _without_the_late(job, now)
    if job.open_candidates:
        return _without_the_hopeless(job)
    if _done(job) and job.at_last_rung:
        return job
    return _promote(job) if _done(job) else _revive(job)


def _done(job: Job) -> list[Candidate]:
    """Return those that have done the rung that the job is at, the best first."""
    done = [one for one in job.candidates if one.state == "succeeded" and one.rung == job.rung]
    return sorted(done, key=_by_score)


def _by_score(candidate: Candidate) -> tuple[float, int]:
    score = candidate.score if candidate.score is not None else float("-inf")
    return (-score, candidate.index)


def _promote(job: Job) -> Job:
    """Let the best of a rung go on to the next one."""
    kept = {one.index for one in _done(job)[: max(1, rungs_of(job)[job.rung].keep)]}
    job = _to_rung(job, job.rung + 1, kept)
    return _ended(job, "pruned", {one.index for one in job.candidates if one.state == "succeeded"})


def _revive(job: Job) -> Job:
    """Where all that got this far failed, try the best of those left behind on the last rung."""
    left = [one for one in job.candidates if one.state in {"pruned", "skipped"}]
    if not left:
        return job
    best = min(left, key=lambda one: (-one.rung, *_by_score(one)))
    return _to_rung(job, len(rungs_of(job)) - 1, {best.index})


def _without_the_late(job: Job, now: dt.datetime) -> Job:
    """When the time is over, end the search; but not before one candidate has gone all the way."""
    if job.deadline is None or now < job.deadline:
        return job
    job = _with_the_whole(job)
    done, waiting = _done(job), job.open_candidates
    if done and job.at_last_rung:
        return _ended(job, "skipped", {one.index for one in waiting})
    if not done and not waiting:
        return job  # what is left is to be revived
    chosen = done[0] if done else min(waiting, key=lambda one: (-one.folds_done, *promise(one)))
    job = _ended(job, "skipped", {one.index for one in waiting} - {chosen.index})
    job = _ended(job, "pruned", {one.index for one in done} - {chosen.index})
    if _sees_all(rungs_of(job)[job.rung], job):
        return _ending_here(job)
    last = next(place for place, one in enumerate(rungs_of(job)) if _sees_all(one, job))
    return _ending_here(_to_rung(job, last, {chosen.index}))


def _with_the_whole(job: Job) -> Job:
    """Count those that have done each of the folds that were asked for as done.

    Further ways to deal rows out are for what time is left: the rung at hand is then the last.
    """
    whole = {one.index for one in job.open_candidates if _is_whole(one, job)}
    done = any(_is_whole(one, job) for one in _done(job))
    if not whole and not done:
        return job
    candidates = [
        replace(one, folds=one.folds_done) if one.index in whole else one for one in job.candidates
    ]
    job = _ending_here(replace(job, candidates=candidates))
    return _ended(job, "succeeded", whole)


def _is_whole(candidate: Candidate, job: Job) -> bool:
    return candidate.rows is None and candidate.folds_done >= job.request.folds


def _sees_all(rung: Rung, job: Job) -> bool:
    return rung.rows is None and rung.folds >= job.request.folds


def _ending_here(job: Job) -> Job:
    """Let the rung that the job is at be its last."""
    return replace(job, rungs=rungs_of(job)[: job.rung + 1])


def _without_the_hopeless(job: Job) -> Job:
    """Stop when the last few to go all the way were no better than one before them."""
    if job.request.candidates is not None or not job.at_last_rung:
        return job
    done = sorted(_done(job), key=lambda one: one.order or 0)
    best = max(range(len(done)), key=lambda place: done[place].score or 0.0, default=0)
    if len(done) - 1 - best < PATIENCE:
        return job
    return _ended(job, "skipped", {one.index for one in job.open_candidates})


def _to_rung(job: Job, place: int, indexes: Collection[int]) -> Job:
    rung = rungs_of(job)[place]
    candidates = [
        _moved(one, place, rung) if one.index in indexes else one for one in job.candidates
    ]
    return replace(job, rung=place, candidates=candidates)


def _moved(candidate: Candidate, place: int, rung: Rung) -> Candidate:
    """Return a candidate at another rung; folds that were done on all rows are not done again."""
    holds = candidate.rows is None and rung.rows is None
    results, files = (candidate.results, candidate.files) if holds else ([], [])
    return replace(
        candidate,
        state="queued",
        rung=place,
        rows=rung.rows,
        folds=rung.folds,
        folds_done=len(results),
        results=results,
        files=files,
        attempts=0,
    )


def _ended(job: Job, state: CandidateState, indexes: Collection[int]) -> Job:
    candidates = [
        replace(one, state=state) if one.index in indexes else one for one in job.candidates
    ]
    return replace(job, candidates=candidates)


def close(job: Job) -> Job:
    """Return the job without any candidate under way: it has ended."""
    return _ended(job, "cancelled", {one.index for one in job.open_candidates})


def notes(job: Job) -> list[str]:
    """Say what the search did not try, or not to the end, and why."""
    skipped = [one for one in job.candidates if one.state == "skipped"]
    begun = [one for one in skipped if one.seconds]
    untouched = [one for one in skipped if not one.seconds]
    pruned = sum(one.state == "pruned" for one in job.candidates)
    return [
        *_skipped(job, untouched, "not tried"),
        *_skipped(job, begun, "not tried to the end"),
        *_pruned(job, pruned),
    ]


def _skipped(job: Job, some: list[Candidate], what: str) -> list[str]:
    if not some:
        return []
    names = dict.fromkeys(in_words(one.algorithm) for one in some)
    why = "because the search's time was over or nothing got better any more"
    return [f"{_of(job, len(some))} {what}, {why}: {', '.join(names)}."]


def _pruned(job: Job, pruned: int) -> list[str]:
    if not pruned:
        return []
    what = "tried on part of the rows or folds alone: others did better there"
    return [f"{_of(job, pruned)} {what}."]


def _of(job: Job, some: int) -> str:
    were = "was" if some == 1 else "were"
    return f"{some} of {counted(len(job.candidates), 'candidate')} {were}"
