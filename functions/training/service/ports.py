"""What the services need of the store of jobs and of the other functions.

`adapters/` gives it; the jobs' store has a double in memory beside it, over which the same tests
run (`tests/integration/functions/ports`).
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import ModelFile, Registration
from functions.kit.contract.models.signature import Signature
from functions.kit.contract.records.columns import Column
from functions.kit.contract.steps import Lease, Step
from functions.training.model.jobs import Job
from functions.training.model.views import JobOutline, JobSummary

Change = Callable[[Job], Job]


class Outlined(Protocol):
    """Knows jobs in outline, for lists that are searched and sorted."""

    def outlines(self, workspace: str, since: dt.datetime | None = None) -> list[JobOutline]:
        """Return all jobs of a workspace in outline, newest first; those made since a moment."""

    def outlined(self, places: Sequence[Place]) -> list[JobOutline]:
        """Return the jobs at these places in outline; without those that are gone."""

    def count(self, workspace: str) -> int:
        """Return how many jobs a workspace has."""


class JobStore(Outlined, Protocol):
    """Keeps jobs, and with each change of one the steps that are due for it (`model/due.py`).

    It keeps the queue of jobs, too (`model/admission.py`).
    """

    def create(self, job: Job) -> bool:
        """Add a job at the end of the queue.

        Returns:
            False when there is one of its id already, which stays as it is.

        Raises:
            Away: too many wait.
            Gone: a job of its id was removed: what that made bears the id still.
        """

    def admit(self) -> list[Step]:
        """Let those jobs run for which there is room, since others have ended or are gone.

        Whoever makes or ends a job calls it, and whoever looks for lost steps: one that died
        before it did so holds nobody up for long.

        Returns:
            the first steps of the jobs that were admitted.
        """

    def remove(self, place: Place) -> None:
        """Remove a job that has ended, its candidates and what is due for it.

        Raises:
            NotFound: there is no such job.
            Conflict: it has not ended, or keeps files still.
        """

    def find(self, place: Place) -> Job | None:
        """Return a job, or None."""

    def load(self, place: Place) -> Job:
        """Return a job; raises NotFound."""

    def update(self, place: Place, change: Change, lease: Lease | None = None) -> Job:
        """Apply `change` in one transaction and return the job after it.

        `change` may run several times, and may return its argument to change nothing.

        Raises:
            NotFound: there is no such job.
            Superseded: `lease` is given, and its step is not ours any more.
        """

    def restore_steps(self, place: Place) -> Job:
        """Write those steps that are due and not kept, as of a job from an earlier release.

        Raises:
            NotFound: there is no such job.
        """

    def page(self, workspace: str, limit: int, after: str | None) -> list[JobSummary]:
        """Return at most `limit` jobs of a workspace, newest first, those behind the job `after`.

        Raises:
            Unreadable: that job is not there, in this workspace.
        """

    def summaries(self, places: Sequence[Place]) -> list[JobSummary]:
        """Return the jobs at these places, in their order; without those that are gone."""


class Dataset(msgspec.Struct):
    """What training looks at of a dataset."""

    id: str
    state: str
    rows: int
    columns: list[Column]
    failure: str | None = None


class Snapshot(msgspec.Struct):
    """The immutable Parquet file of one revision; `path` is its object name."""

    revision: int
    path: str
    columns: list[Column]


class Registered(msgspec.Struct):
    """A version as the registry keeps it."""

    version: int
    file: ModelFile | None


class Model(msgspec.Struct):
    """What training looks at of a model in the registry."""

    target: str = ""
    aliases: dict[str, int] = {}


class Version(msgspec.Struct):
    """What training looks at of a version, to compare it with one that it makes."""

    version: int
    signature: Signature
    snapshot: str = ""
    file: ModelFile | None = None


class OtherFunctions(Protocol):
    """What training needs of the other functions, each time of one workspace."""

    def dataset(self, place: Place) -> Dataset:
        """Return a dataset; raises NotFound."""

    def snapshot(self, place: Place) -> Snapshot:
        """Return the snapshot of the current revision, made where it is missing."""

    def model(self, place: Place) -> Model:
        """Return a model of the registry; raises NotFound."""

    def version(self, model: Place, version: int) -> Version:
        """Return a version; raises NotFound."""

    def register(self, model: Place, registration: Registration) -> Registered:
        """Add a version to a model; the same job's again is the version that it made."""
