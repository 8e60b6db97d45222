"""What the services of reports need of their store, of other functions and of who makes files."""

from collections.abc import Callable, Mapping, Sequence
from typing import IO, Protocol

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.models.registration import Model, Version
from functions.kit.contract.records.profile import Profile
from functions.kit.contract.stepped import SteppedStore
from functions.reports.model.facts import Dataset
from functions.reports.model.jobs import Job
from functions.reports.model.report import Form, Kind, Report
from functions.reports.model.windows import Window

ReportStore = SteppedStore[Report]
"""Keeps reports (`model/kind.py`)."""


class Snapshot(msgspec.Struct):
    """The immutable Parquet file of one revision; `path` is its object name."""

    revision: int
    path: str


class OtherFunctions(Protocol):
    """What reports need of the other functions, each time of one workspace."""

    def dataset(self, place: Place) -> Dataset:
        """Return a dataset; raises NotFound."""

    def profile(self, place: Place, target: str | None) -> Profile:
        """Return a dataset's profile, related to `target`; raises NotFound, Conflict."""

    def snapshot(self, place: Place) -> Snapshot:
        """Return the snapshot of the current revision, made where it is missing."""

    def job(self, place: Place) -> Job | None:
        """Return a training job; None where there is no such one any more."""

    def windows(self, model: Place, version: int) -> list[Window] | None:
        """Return what was measured of a version, oldest first; None where that is not known."""


class Registry(Protocol):
    """The models that are registered."""

    def model(self, place: Place) -> Model:
        """Return a model; raises NotFound."""

    def version(self, place: Place, number: int) -> Version:
        """Return a version; raises NotFound."""


class Spoilt(Exception):  # noqa: N818 - reads as what it says
    """A file cannot be made, however often it is tried; the text says why."""


class Busy(Exception):  # noqa: N818 - as above
    """Another file is being made here; this one may be later."""


class Workshop(Protocol):
    """Makes files, each in a process of its own with bounds; one at a time."""

    def run(self, kind: Kind, facts: bytes, data: Callable[[IO[bytes]], object] | None) -> bytes:
        """Return the notebook of a dataset or a model, carried out.

        Args:
            kind: of what it is.
            facts: what it is told, as JSON.
            data: writes some rows of it, as Parquet, into a file.

        Raises:
            Spoilt: it takes more time or memory than it may.
            Busy: now is not the time.
        """

    def typeset(self, notebook: bytes, forms: Sequence[Form]) -> Mapping[Form, bytes]:
        """Return a notebook as the pages that are asked for; raises Spoilt, Busy."""
