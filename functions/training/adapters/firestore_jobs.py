"""Jobs in Firestore: `jobs/{id}` with `jobs/{id}/candidates/{index}` beneath.

Of one that was removed `removed_jobs/{id}` says that it was there.

Those of other workspaces than `main` are below `workspaces/{workspace}`.

What writes a job writes the steps that are due for it, too.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.contract.access import workspaces
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.pages import unknown_cursor
from functions.kit.contract.stepped import due_now
from functions.kit.contract.steps import Lease, Step
from functions.training.adapters import job_documents
from functions.training.adapters.firestore_queue import Queue
from functions.training.adapters.job_documents import job_reference, jobs_reference, newest_first
from functions.training.model import transitions
from functions.training.model.admission import Caps
from functions.training.model.due import due_steps, start_step
from functions.training.model.jobs import Candidate, Job
from functions.training.model.progress import with_progress
from functions.training.model.views import JobOutline, JobSummary, summary
from functions.training.service.ports import Change

CANDIDATES = "candidates"
REMOVED = "removed_jobs"
# What a list reads of a job and of its candidates, whose progress is the job's: the rest of the two
# may be hundreds of kilobytes.
LISTED = (
    *("id", "workspace", "owner", "model", "dataset", "target", "state", "failure", "task"),
    *("revision", "version", "created_at", "started_at", "ended_at", "candidates", "progress"),
    "result",
    *("slots", "rungs", "rung", "rows", "request.dataset", "request.target", "request.folds"),
)
LISTED_CANDIDATE = ("index", "algorithm", "settings", "folds", "folds_done", "state")
# Of jobs in these states the progress is known without their candidates.
PROGRESS_KNOWN = ("queued", "succeeded")


class Store:
    """The JobStore whose jobs are documents.

    Args:
        steps: where the steps that are due are kept.
        caps: how much may run at a time.
        queue: the path of the queue's document; tests have one of their own.
    """

    def __init__(
        self, steps: FirestoreSteps, caps: Caps | None = None, queue: str = "training_queue/all"
    ) -> None:
        self._steps = steps
        self._queue = Queue(queue, caps or Caps())

    def create(self, job: Job) -> bool:
        """See JobStore."""

        def work(transaction: Any) -> bool:
            reference = job_reference(job.place)
            entries = self._queue.read(transaction)
            if reference.get(transaction=transaction, **PATIENCE).exists:
                return False
            if _removed(job.place).get(transaction=transaction, **PATIENCE).exists:
                raise transitions.removed(job.id)
            if job.waits:
                self._queue.join(transaction, entries, job.place)
            transaction.create(reference, _job_document(job))
            self._steps.write(transaction, due_steps(job))
            return True

        return firestore.transact(work)

    def admit(self) -> list[Step]:
        """See JobStore."""

        def work(transaction: Any) -> list[Step]:
            admitted = self._queue.admit(transaction, job_reference)
            steps = [start_step(one.place) for one in admitted]
            for one in admitted:
                transaction.update(job_reference(one.place), {"slots": one.slots})
            self._steps.write(transaction, steps)
            return steps

        return firestore.transact(work)

    def remove(self, place: Place) -> None:
        """See JobStore."""

        def work(transaction: Any) -> None:
            job = self._read_one(place, transaction, None)
            transitions.check_removable(job)
            reference = job_reference(place)
            for one in job.candidates:
                transaction.delete(_candidate(reference, one.index))
            transaction.delete(reference)
            transaction.set(_removed(place), {"id": place.name})

        firestore.transact(work)

    @translated()
    def find(self, place: Place) -> Job | None:
        """See JobStore."""
        found = job_reference(place).get(**PATIENCE)
        return self._with_places(_read([found]))[0] if found.exists else None

    def _with_places(self, jobs: list[Job]) -> list[Job]:
        """Return the jobs with their places in the queue, which is read where one waits."""
        if not any(job.waits for job in jobs):
            return jobs
        places = self._queue.places()
        return [replace(job, waits_at=places.get(job.place)) for job in jobs]

    def load(self, place: Place) -> Job:
        """See JobStore."""
        found = self.find(place)
        if found is None:
            raise not_found("job", place.name)
        return found

    def update(self, place: Place, change: Change, lease: Lease | None = None) -> Job:
        """See JobStore."""

        def work(transaction: Any) -> Job:
            before = self._read_one(place, transaction, lease)
            after = with_progress(change(before))
            _write(transaction, before, after)
            was, due = due_now(due_steps(before)), due_now(due_steps(after))
            self._steps.turn(transaction, was, due)
            return after

        return firestore.transact(work)

    def restore_steps(self, place: Place) -> Job:
        """See JobStore."""

        def work(transaction: Any) -> Job:
            job = self._read_one(place, transaction, None)
            self._steps.restore(transaction, due_now(due_steps(job)))
            return job

        return firestore.transact(work)

    def _read_one(self, place: Place, transaction: Any, lease: Lease | None) -> Job:
        """Return the job as the transaction reads it, at one go with what the lease is for.

        Raises:
            NotFound: there is no such job.
            Superseded: the lease is not ours any more.
        """
        job = self._steps.read(transaction, job_reference(place), lease)
        if not job.exists:
            raise not_found("job", place.name)
        [read] = _read([job], transaction)
        return read

    def page(self, workspace: str, limit: int, after: str | None) -> list[JobSummary]:
        """See JobStore."""
        query = newest_first(workspace).select(LISTED).limit(limit)
        if after is not None:
            last = job_reference(Place(workspace, after)).get(**PATIENCE)
            if not last.exists:
                raise unknown_cursor()
            query = query.start_after(last)
        found = _read(list(query.stream(**PATIENCE)), fields=LISTED_CANDIDATE)
        return [summary(job) for job in self._with_places(found)]

    def outlines(self, workspace: str, since: dt.datetime | None = None) -> list[JobOutline]:
        """See JobStore."""
        return job_documents.outlines(workspace, since)

    def outlined(self, places: Sequence[Place]) -> list[JobOutline]:
        """See JobStore."""
        return job_documents.outlined(places)

    @translated()
    def summaries(self, places: Sequence[Place]) -> list[JobSummary]:
        """See JobStore."""
        references = [job_reference(place) for place in places]
        found = firestore.client().get_all(references, field_paths=LISTED, **PATIENCE)
        there = {one.id: one for one in found if one.exists}
        kept = [there[place.name] for place in places if place.name in there]
        jobs = _read(kept, fields=LISTED_CANDIDATE)
        return [summary(job) for job in self._with_places(jobs)]

    @translated()
    def count(self, workspace: str) -> int:
        """See JobStore."""
        [[found]] = jobs_reference(workspace).count().get(**PATIENCE)
        return int(found.value)


def _removed(place: Place) -> Any:
    path = workspaces.path(place.workspace, REMOVED)
    return firestore.client().collection(path).document(place.name)


def _candidate(job: Any, index: int) -> Any:
    return job.collection(CANDIDATES).document(str(index))


def _job_document(job: Job) -> dict[str, Any]:
    """Return the job's own document; Firestore has no arrays of arrays, so JSON text for those."""
    fields = msgspec.structs.asdict(job)
    del fields["candidates"], fields["waits_at"]
    if not job.ended:
        del fields["progress"]
    return {
        **fields,
        "request": msgspec.to_builtins(job.request),
        "columns": msgspec.to_builtins(job.columns),
        "rungs": msgspec.to_builtins(job.rungs),
        "members": msgspec.to_builtins(job.members),
        "result": msgspec.to_builtins(job.result),
        "evaluation": msgspec.json.encode(job.evaluation).decode(),
        "candidates": len(job.candidates),
    }


def _read(
    found: list[Any], transaction: Any = None, fields: Sequence[str] | None = None
) -> list[Job]:
    """Return the jobs of these document snapshots, their candidates read at one go.

    All are of one workspace; `fields` are those read of the candidates, all by default. Of some
    fields alone, nothing is read of the candidates of jobs whose progress is known without.
    """
    stored = [firestore.plain(one.to_dict()) for one in found]
    references = [
        _candidate(one.reference, index)
        for one, job in zip(found, stored, strict=True)
        if fields is None or not ("progress" in job or job["state"] in PROGRESS_KNOWN)
        for index in range(job["candidates"])
    ]
    candidates = _candidates(references, transaction, fields)
    return [_assemble(one, candidates.get(one["id"], [])) for one in stored]


def _candidates(
    references: list[Any], transaction: Any, fields: Sequence[str] | None
) -> dict[str, list[Candidate]]:
    """Return the candidates by their job's id, in order."""
    by_job: dict[str, list[Candidate]] = {}
    if not references:
        return by_job
    found: Iterable[Any] = firestore.client().get_all(
        references, field_paths=fields, transaction=transaction, **PATIENCE
    )
    for one in found:
        candidate = msgspec.convert(one.to_dict(), Candidate)
        by_job.setdefault(one.reference.parent.parent.id, []).append(candidate)
    for candidates in by_job.values():
        candidates.sort(key=lambda candidate: candidate.index)
    return by_job


def _assemble(stored: dict[str, Any], candidates: list[Candidate]) -> Job:
    fields = {
        **stored,
        "evaluation": msgspec.json.decode(stored.get("evaluation", "null")),
        "candidates": candidates,
    }
    job = msgspec.convert(fields, Job)
    return job if "progress" in stored else with_progress(job)


def _write(transaction: Any, before: Job, after: Job) -> None:
    """Put the documents that differ into `transaction`."""
    job = job_reference(after.place)
    if _job_document(before) != _job_document(after):
        transaction.set(job, _job_document(after))
    known = {one.index: one for one in before.candidates}
    for one in after.candidates:
        if known.get(one.index) != one:
            transaction.set(_candidate(job, one.index), msgspec.to_builtins(one))
