"""What a user does with jobs. Light: nothing here imports scikit-learn."""

import datetime as dt
import uuid
from collections.abc import Callable

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Flaw, Invalid, NotFound
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests import idempotency
from functions.kit.contract.requests.lists import Listed, ListQuery
from functions.kit.contract.requests.pages import Page, page_of
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.training.model import jobs, transitions
from functions.training.model.due import due_steps
from functions.training.model.jobs import Job
from functions.training.model.planned import JobPlan
from functions.training.model.repeating import repeated
from functions.training.model.requests.spec import JobRequest
from functions.training.model.views import JobOutline, JobSummary
from functions.training.service.checks import check_choice, check_dataset, refused
from functions.training.service.outlines import Outlines
from functions.training.service.ports import JobStore, OtherFunctions


def _length(job: JobOutline) -> dt.timedelta | None:
    """Return how long a job took; None for one that has not ended."""
    begun, ended = job.started_at, job.ended_at
    return None if begun is None or ended is None else ended - begun


LISTED: Listed[JobOutline] = Listed(
    key=lambda one: one.id,
    texts=lambda one: (one.id, one.target, one.dataset, one.model, one.state),
    orders={
        "target": lambda one: one.target.casefold(),
        "dataset": lambda one: one.dataset.casefold(),
        "model": lambda one: one.model.casefold(),
        "state": lambda one: one.state,
        "created_at": lambda one: one.created_at,
        "seconds": _length,
    },
)


class Service:
    """Takes jobs, shows and cancels them.

    Args:
        store: the jobs.
        functions: the other functions.
        hints: has steps looked at.
        lookout: looks after those that were lost.
        clock: tells when something happens.
        preview: tells what a job with a request, in a workspace, would do; slow to import.
    """

    def __init__(
        self,
        store: JobStore,
        functions: OtherFunctions,
        hints: Hints,
        lookout: Lookout,
        clock: Clock,
        preview: Callable[[str, JobRequest], JobPlan],
    ) -> None:
        self._store = store
        self._outlines = Outlines(store)
        self._functions = functions
        self._hints = hints
        self._lookout = lookout
        self._clock = clock
        self._preview = preview

    def create(
        self, workspace: str, owner: str, request: JobRequest, job_id: str | None = None
    ) -> Job:
        """Take a job; where there is one of this id (`idempotency.id_of`) already, that one.

        The job and its first step are written at once; then the queue hears of it, and may be
        away. A user who got no answer repeats with the key and gets this job.

        Raises:
            Invalid: when it cannot be trained.
            Conflict: when the key was for another request.
            Gone: the job that the key was for has been removed.
        """
        place = Place(workspace, job_id or uuid.uuid4().hex)
        job = jobs.new(place, owner, request, self._clock.now())
        if job_id is not None and (known := self._store.find(place)):
            return _same(known, job)
        self._check(workspace, request)
        if not self._store.create(job):
            return _same(self._store.load(place), job)
        self._admit()
        return self._store.load(place)

    def plan(self, workspace: str, request: JobRequest) -> JobPlan:
        """Return what a job with this request would do now; there is none afterwards.

        Raises:
            Invalid: it would be refused, or fail when it begins.
        """
        self._check(workspace, request)
        return self._preview(workspace, request)

    def again(self, place: Place, owner: str, job_id: str | None = None) -> Job:
        """Take a job with the same request, for the dataset as it is now; see `create`, `repeated`.

        Where a function asks, which is nobody's (`owner` is empty), it is whose the first one was.

        Raises:
            NotFound: there is no such job.
        """
        first = self._store.load(place)
        return self.create(place.workspace, owner or first.owner, repeated(first), job_id)

    def remove(self, place: Place) -> None:
        """Remove a job that has ended; the model that it made stays.

        Raises:
            NotFound: there is no such job.
            Conflict: it has not ended.
        """
        self._store.remove(place)

    def look(self) -> None:
        """Have steps that were lost looked at again, and let jobs in for which there is room."""
        if self._lookout.look():
            self._admit()

    def _admit(self) -> None:
        self._hints.send(self._store.admit())

    def job(self, place: Place) -> Job:
        """Return a job; raises NotFound. Who reads it looks after its steps."""
        job = self._store.load(place)
        if self._lookout.watch(job.id, due_steps(job)):
            self._store.restore_steps(place)
        if job.waits and self._lookout.is_time(f"queue of {job.id}"):
            self._admit()
            return self._store.load(place)
        return job

    def jobs(self, workspace: str, query: ListQuery) -> Page[JobSummary]:
        """Return a page of a workspace's jobs, newest first; raises Unreadable."""
        if query.q or query.sort:
            chosen = LISTED.page(self._outlines.of(workspace), query)
            places = [Place(workspace, one.id) for one in chosen.items]
            return Page(self._store.summaries(places), chosen.next, chosen.count)
        found = self._store.page(workspace, query.limit + 1, query.after)
        page = page_of(found, query.limit, lambda job: job.id)
        if query.count:  # a store counts a thousand without reading them
            page.count = self._store.count(workspace)
        return page

    def cancel(self, place: Place) -> Job:
        """End a job; its steps notice between folds. One that has been cancelled stays so.

        Raises:
            Conflict: when it has ended otherwise, or is about to.
        """
        job = self._store.update(place, lambda job: transitions.cancel(job, self._clock.now()))
        if job.state == "cancelled":
            self._hints.send(due_steps(job))
            self._admit()
            return job
        if job.ended:
            raise Conflict(f"Job '{place.name}' has {job.state}; it cannot be cancelled.")
        raise Conflict(f"Job '{place.name}' is registering its model; it ends in a moment.")

    def resume(self, place: Place) -> Job:
        """Queue again, at once, what a job still has to do and nobody is at; raises NotFound."""
        job = self._store.restore_steps(place)
        if job.waits:
            self._admit()
        self._lookout.resume(due_steps(job))
        return job

    def _check(self, workspace: str, request: JobRequest) -> None:
        """Refuse what can cheaply be known to fail; the rest the first step finds."""
        check_choice(request)
        try:
            dataset = self._functions.dataset(Place(workspace, request.dataset))
        except NotFound as error:
            flaw = Flaw("no such dataset", column="dataset", value=request.dataset)
            raise Invalid(f"There is no dataset '{request.dataset}'.", flaw) from error
        check_dataset(dataset, request)
        self._check_model(workspace, request)

    def _check_model(self, workspace: str, request: JobRequest) -> None:
        """Refuse a model that predicts something else: its registry would, after all the work."""
        name = request.model or request.dataset
        try:
            predicts = self._functions.model(Place(workspace, name)).target
        except NotFound:
            return
        if predicts not in {"", request.target}:
            raise refused(
                f"Model '{name}' predicts '{predicts}', not '{request.target}'; "
                "give this one another name.",
                "model",
            )


def _same(known: Job, asked: Job) -> Job:
    if known.request != asked.request:
        raise idempotency.other_request()
    return known
