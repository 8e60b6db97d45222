"""A report: what it is about, how far it has come, and which files it has."""

import datetime as dt
from typing import Literal, get_args

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place

State = Literal["queued", "running", "succeeded", "failed"]
ENDED: frozenset[State] = frozenset(("succeeded", "failed"))
Phase = Literal["gather", "run", "typeset"]
"""What is done, in this order: the name of its step."""
Form = Literal["notebook", "pdf", "html"]
FORMS: tuple[Form, ...] = get_args(Form)
Kind = Literal["dataset", "model"]


class Subject(msgspec.Struct, frozen=True):
    """What a report is about.

    Attributes:
        kind: a dataset, or a version of a model.
        name: of the dataset or the model.
        version: of the model; None for a dataset.
        target: the column that a dataset's others are held against, where a caller said so.
    """

    kind: Kind
    name: str
    version: int | None = None
    target: str | None = None


class ReportFile(msgspec.Struct, frozen=True):
    """A file in the bucket: its object name, and its size."""

    path: str
    bytes: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report.

    Attributes:
        id: in its workspace.
        owner: whose it counts as while it is made, see `owner_of`.
        by: who asked for it: the name of a key, an account or a function.
        subject: what it is about.
        forms: those that are wanted; the notebook is made whatever they are.
        phase: the step that is due, while it is made.
        revision: of the dataset that it is about, or that the model learnt from.
        facts: what the notebook was told.
        data: the snapshot of a dataset, which is nobody's to remove here; empty for none.
        files: that are there, by form.
        seconds: that each phase took.
        failure: why it failed.
        is_removed: it is to go, with all its files.
    """

    id: str
    workspace: str = MAIN
    owner: str
    by: str
    subject: Subject
    forms: list[Form]
    state: State = "queued"
    phase: Phase = "gather"
    revision: int | None = None
    facts: ReportFile | None = None
    data: str = ""
    files: dict[Form, ReportFile] = {}
    seconds: dict[Phase, float] = {}
    failure: str | None = None
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    is_removed: bool = False

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.id)

    @property
    def paths(self) -> set[str]:
        """The names of its files in the bucket."""
        facts = [] if self.facts is None else [self.facts]
        return {file.path for file in (*facts, *self.files.values())}

    @property
    def is_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ENDED


def owner_of(caller: Caller) -> str:
    """Return whose reports a caller's are: an account's, with all its keys; else a function's."""
    return caller.account or caller.name
