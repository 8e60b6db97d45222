"""What is asked for, and how reports are shown."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.kit.contract.errors import Flaw, Invalid
from functions.kit.contract.requests.lists import Listed, ListQuery
from functions.kit.contract.requests.names import DatasetId, ModelName
from functions.reports.model.report import FORMS, Form, Phase, Report, State, Subject

Version = Annotated[int, Meta(ge=1, le=10**9)]


class ReportRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What a report is to be about: a dataset, or a model.

    Attributes:
        dataset: of which it is an exploratory look.
        model: of a version of which it is the final report.
        version: of the model; the champion by default, or else the newest.
        target: the dataset's column that others are held against; by default the one of that role.
        kinds: which files it has; the notebook is made in any case.
    """

    dataset: DatasetId | None = None
    model: ModelName | None = None
    version: Version | None = None
    target: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    kinds: Annotated[tuple[Form, ...], Meta(min_length=1, max_length=3)] = FORMS

    def subject(self) -> Subject:
        """Return what it is about; raises Invalid."""
        if (self.dataset is None) == (self.model is None):
            reason = "Expected either `dataset` or `model`"
            raise Invalid(f"{reason}: a report is about one thing.", Flaw(reason, column="dataset"))
        if self.dataset is not None:
            if self.version is not None:
                reason = "Expected no `version` beside `dataset`"
                raise Invalid(
                    f"{reason}: a report on a dataset is about its newest revision.",
                    Flaw(reason, column="version"),
                )
            return Subject("dataset", self.dataset, target=self.target)
        if self.target is not None:
            reason = "Expected no `target` beside `model`"
            raise Invalid(f"{reason}: it has one.", Flaw(reason, column="target"))
        return Subject("model", self.model or "", self.version)


class ReportsQuery(ListQuery):
    """Which reports are meant; what is not given does not matter."""

    dataset: str | None = None
    model: str | None = None
    version: Version | None = None

    def wants(self, subject: Subject) -> bool:
        """Tell whether reports about something are among them."""
        asked = {"dataset": self.dataset, "model": self.model}
        names = {kind: name for kind, name in asked.items() if name is not None}
        if names and names != {subject.kind: subject.name}:
            return False
        return self.version is None or self.version == subject.version


LISTED: Listed[Report] = Listed(
    key=lambda one: one.id,
    texts=lambda one: (one.subject.name, one.by),
    orders={
        "name": lambda one: (one.subject.name.casefold(), one.subject.version or 0),
        "state": lambda one: one.state,
        "created_at": lambda one: one.created_at,
    },
)


class FileView(msgspec.Struct):
    """A file of a report: where it is, below the function's address, and its size."""

    path: str
    bytes: int


class ReportView(msgspec.Struct, kw_only=True):
    """A report.

    Attributes:
        dataset: that it is about; or the model's name in `model`, with its version.
        target: the dataset's column that the others are held against, where that was said.
        kinds: the files that are wanted.
        phase: what is being done: "gather" what there is to know, "run" the notebook, "typeset".
        revision: of the dataset that it is about, or that the model learnt from, once known.
        files: those that are there, by kind.
        seconds: that each phase took.
        failure: why there is nothing, in a sentence.
    """

    id: str
    dataset: str | None
    model: str | None
    version: int | None
    target: str | None
    kinds: list[Form]
    state: State
    phase: Phase
    revision: int | None
    files: dict[str, FileView]
    seconds: dict[Phase, float]
    failure: str | None
    by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


NAMES: dict[Form, str] = {
    "notebook": "notebook.ipynb",
    "pdf": "report.pdf",
    "html": "report.html",
}
"""What the files are called below a report."""


def view(report: Report) -> ReportView:
    """Return what is shown of a report."""
    subject = report.subject
    return ReportView(
        id=report.id,
        dataset=subject.name if subject.kind == "dataset" else None,
        model=subject.name if subject.kind == "model" else None,
        version=subject.version,
        target=subject.target,
        kinds=report.forms,
        state=report.state,
        phase=report.phase,
        revision=report.revision,
        files={
            form: FileView(f"/reports/{report.id}/{NAMES[form]}", file.bytes)
            for form, file in report.files.items()
            if form == "notebook" or form in report.forms
        },
        seconds=report.seconds,
        failure=report.failure,
        by=report.by,
        created_at=report.created_at,
        started_at=report.started_at,
        ended_at=report.ended_at,
    )
