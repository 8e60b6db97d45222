"""Gathers what a report's notebook is told."""

from typing import NamedTuple

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict
from functions.kit.contract.models.registration import Version
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.names import is_name
from functions.reports.model import facts
from functions.reports.model.facts import Dataset
from functions.reports.model.jobs import Job
from functions.reports.model.report import Report
from functions.reports.service.ports import OtherFunctions, Registry


class Gathered(NamedTuple):
    """What a notebook is told.

    Attributes:
        facts: as JSON.
        data: the object name of rows as Parquet; empty for none.
        revision: of the dataset that it is about.
    """

    facts: bytes
    data: str
    revision: int | None


class Gathering:
    """Asks the other functions.

    Args:
        functions: the other functions.
        registry: the models.
        clock: tells when that was.
    """

    def __init__(self, functions: OtherFunctions, registry: Registry, clock: Clock) -> None:
        self._functions = functions
        self._registry = registry
        self._clock = clock

    def of(self, report: Report) -> Gathered:
        """Return what there is to know for a report; raises NotFound, Conflict, Away."""
        place = Place(report.workspace, report.subject.name)
        if report.subject.kind == "dataset":
            return self._dataset(place, report.subject.target)
        return self._model(place, report.subject.version or 0)

    def _dataset(self, place: Place, said: str | None) -> Gathered:
        dataset = self._functions.dataset(place)
        if dataset.state != "ready":
            raise Conflict(f"Dataset '{dataset.id}' is {dataset.state}.")
        profile = self._functions.profile(place, said or facts.target_of(dataset.columns))
        told = facts.of_dataset(dataset, profile, self._clock.now())
        return Gathered(_json(told), self._rows(place, dataset), profile.revision)

    def _rows(self, place: Place, dataset: Dataset) -> str:
        return self._functions.snapshot(place).path if dataset.rows else ""

    def _model(self, place: Place, number: int) -> Gathered:
        model, version = self._registry.model(place), self._registry.version(place, number)
        windows = self._functions.windows(place, number)
        job = self._job(place, version)
        told = facts.of_model(model, version, job, windows, self._clock.now())
        return Gathered(_json(told), "", version.revision if version.dataset else None)

    def _job(self, place: Place, version: Version) -> Job | None:
        """Return the job that made a version; others who register say there what they like."""
        if not is_name(version.job):
            return None
        job = self._functions.job(Place(place.workspace, version.job))
        return job if job is not None and job.made(place.name, version.version) else None


def _json(told: object) -> bytes:
    return msgspec.json.encode(told)
