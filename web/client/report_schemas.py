"""What `reports` answers: a report, how far it has come, and its files."""

from typing import Literal

import msgspec

Form = Literal["notebook", "pdf", "html"]
Phase = Literal["gather", "run", "typeset"]


class ReportFile(msgspec.Struct):
    """A file of a report: its size."""

    bytes: int


class Report(msgspec.Struct):
    """A report on a dataset, or on a version of a model.

    Attributes:
        kinds: the files that are wanted.
        phase: what is being done, while it is made.
        revision: of the dataset that it is about, or that the model learnt from, once known.
        files: those that are there.
        seconds: that each phase took.
        failure: why there is nothing.
        by: who asked for it.
    """

    id: str
    state: Literal["queued", "running", "succeeded", "failed"]
    phase: Phase
    created_at: str
    dataset: str | None = None
    model: str | None = None
    version: int | None = None
    target: str | None = None
    kinds: list[Form] = []
    revision: int | None = None
    files: dict[Form, ReportFile] = {}
    seconds: dict[Phase, float] = {}
    failure: str | None = None
    by: str = ""
    started_at: str | None = None
    ended_at: str | None = None

    @property
    def live(self) -> bool:
        """Whether more comes of it."""
        return self.state in ("queued", "running")

    @property
    def name(self) -> str:
        """What it is about."""
        if self.model is not None:
            return f"{self.model}, version {self.version}"
        return self.dataset or ""
