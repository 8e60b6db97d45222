"""Jobs in memory, for tests of the steps without Firestore."""

import msgspec

from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.errors import not_found
from functions.kit.contract.pages import unknown_cursor
from functions.kit.contract.steps import Lease
from functions.training.model.due import due_steps
from functions.training.model.jobs import Job, with_progress
from functions.training.model.views import JobSummary, summary
from functions.training.service.ports import Change


class MemoryStore:
    """A JobStore of one process; like Firestore it keeps what was written, not the objects.

    Args:
        steps: where the steps that are due are kept.
    """

    def __init__(self, steps: MemorySteps) -> None:
        self._jobs: dict[str, bytes] = {}
        self._steps = steps
        self._lock = steps.lock

    def create(self, job: Job) -> bool:
        """See JobStore."""
        with self._lock:
            new = job.id not in self._jobs
            if new:
                self._jobs[job.id] = msgspec.json.encode(job)
                self._steps.write(due_steps(job))
            return new

    def find(self, job_id: str) -> Job | None:
        """See JobStore."""
        stored = self._jobs.get(job_id)
        return with_progress(msgspec.json.decode(stored, type=Job)) if stored else None

    def load(self, job_id: str) -> Job:
        """See JobStore."""
        found = self.find(job_id)
        if found is None:
            raise not_found("job", job_id)
        return found

    def update(self, job_id: str, change: Change, lease: Lease | None = None) -> Job:
        """See JobStore."""
        with self._lock:
            if lease is not None:
                self._steps.check(lease)
            before = self.load(job_id)
            after = change(before)
            self._jobs[job_id] = msgspec.json.encode(after)
            was, due = due_steps(before), due_steps(after)
            self._steps.drop(step for step in was if step not in due)
            self._steps.write(step for step in due if step not in was)
            return with_progress(after)

    def restore_steps(self, job_id: str) -> Job:
        """See JobStore."""
        with self._lock:
            job = self.load(job_id)
            due = due_steps(job)
            kept = zip(due, self._steps.find(due), strict=True)
            self._steps.write(step for step, found in kept if found is None)
            return job

    def page(self, limit: int, after: str | None) -> list[JobSummary]:
        """See JobStore."""
        jobs = [self.load(job_id) for job_id in self._jobs]
        jobs.sort(key=lambda job: (job.created_at, job.id), reverse=True)
        ids = [job.id for job in jobs]
        if after is not None and after not in ids:
            raise unknown_cursor()
        first = ids.index(after) + 1 if after is not None else 0
        return [summary(job) for job in jobs[first : first + limit]]
