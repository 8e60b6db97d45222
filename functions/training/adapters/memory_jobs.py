"""Jobs in memory, for tests of the steps without Firestore."""

import datetime as dt
import functools
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.pages import unknown_cursor
from functions.kit.contract.stepped import due_now
from functions.kit.contract.steps import Lease, Step
from functions.training.model import admission, transitions
from functions.training.model.admission import Caps, Entry
from functions.training.model.due import due_steps, start_step
from functions.training.model.jobs import Job
from functions.training.model.progress import with_progress
from functions.training.model.views import JobOutline, JobSummary, summary
from functions.training.service.ports import Change


class MemoryStore:
    """A JobStore of one process; like Firestore it keeps what was written, not the objects.

    Args:
        steps: where the steps that are due are kept.
        caps: how much may run at a time.
    """

    def __init__(self, steps: MemorySteps, caps: Caps | None = None) -> None:
        self._jobs: dict[Place, bytes] = {}
        self._removed: set[Place] = set()
        self._entries: list[Entry] = []
        self._steps = steps
        self._lock = steps.lock
        self._caps = caps or Caps()

    def create(self, job: Job) -> bool:
        """See JobStore."""
        with self._lock:
            new = job.place not in self._jobs
            if new:
                if job.place in self._removed:
                    raise transitions.removed(job.id)
                if job.waits:
                    self._entries = admission.joined(self._entries, job.place, self._caps)
                self._jobs[job.place] = msgspec.json.encode(job)
                self._steps.write(due_steps(job))
            return new

    def admit(self) -> list[Step]:
        """See JobStore."""
        with self._lock:
            gone = {one.place for one in self._entries if self._is_gone(one.place)}
            before = admission.without(self._entries, gone)
            self._entries = admission.admit(before, self._caps)
            admitted = admission.newly(before, self._entries)
            for one in admitted:
                self.update(one.place, functools.partial(transitions.admit, slots=one.slots))
            return [start_step(one.place) for one in admitted]

    def _is_gone(self, place: Place) -> bool:
        found = self.find(place)
        return found is None or found.ended

    def remove(self, place: Place) -> None:
        """See JobStore."""
        with self._lock:
            transitions.check_removable(self.load(place))
            del self._jobs[place]
            self._removed.add(place)

    def find(self, place: Place) -> Job | None:
        """See JobStore."""
        stored = self._jobs.get(place)
        if stored is None:
            return None
        job = with_progress(msgspec.json.decode(stored, type=Job))
        return replace(job, waits_at=admission.waiting(self._entries).get(place))

    def load(self, place: Place) -> Job:
        """See JobStore."""
        found = self.find(place)
        if found is None:
            raise not_found("job", place.name)
        return found

    def update(self, place: Place, change: Change, lease: Lease | None = None) -> Job:
        """See JobStore."""
        with self._lock:
            if lease is not None:
                self._steps.check(lease)
            before = self.load(place)
            after = change(before)
            self._jobs[place] = msgspec.json.encode(replace(after, waits_at=None))
            self._steps.turn(due_now(due_steps(before)), due_now(due_steps(after)))
            return with_progress(after)

    def restore_steps(self, place: Place) -> Job:
        """See JobStore."""
        with self._lock:
            job = self.load(place)
            self._steps.restore(due_now(due_steps(job)))
            return job

    def page(self, workspace: str, limit: int, after: str | None) -> list[JobSummary]:
        """See JobStore."""
        jobs = [self.load(place) for place in self._jobs if place.workspace == workspace]
        jobs.sort(key=lambda job: (job.created_at, job.id), reverse=True)
        ids = [job.id for job in jobs]
        if after is not None and after not in ids:
            raise unknown_cursor()
        first = ids.index(after) + 1 if after is not None else 0
        return [summary(job) for job in jobs[first : first + limit]]

    def outlines(self, workspace: str, since: dt.datetime | None = None) -> list[JobOutline]:
        """See JobStore."""
        found = self.page(workspace, len(self._jobs), None)
        kept = [one for one in found if since is None or one.created_at >= since]
        return [msgspec.convert(one, JobOutline, from_attributes=True) for one in kept]

    def outlined(self, places: Sequence[Place]) -> list[JobOutline]:
        """See JobStore."""
        found = self.summaries(places)
        return [msgspec.convert(one, JobOutline, from_attributes=True) for one in found]

    def summaries(self, places: Sequence[Place]) -> list[JobSummary]:
        """See JobStore."""
        return [summary(self.load(place)) for place in places if place in self._jobs]

    def count(self, workspace: str) -> int:
        """See JobStore."""
        return sum(place.workspace == workspace for place in self._jobs)
