"""What a training job says of how a version was found, as far as a report shows it."""

from typing import Any

import msgspec


class Split(msgspec.Struct):
    """How rows were held out."""

    by: str = "record"
    column: str | None = None


class Request(msgspec.Struct):
    """What was asked for."""

    holdout: float = 0.0
    seed: int = 0
    split: Split = msgspec.field(default_factory=Split)


class Rung(msgspec.Struct):
    """One round of the search."""

    rows: int | None
    folds: int
    keep: int


class Member(msgspec.Struct):
    """A candidate that the model is made of."""

    candidate: int
    weight: float


class Candidate(msgspec.Struct):
    """What was tried."""

    index: int
    algorithm: str
    settings: dict[str, Any]
    state: str
    folds_done: int
    seconds: float
    score: float | None = None
    metrics: dict[str, float] = {}
    spread: dict[str, float] = {}
    failure: str | None = None


class Job(msgspec.Struct):
    """A training job.

    Attributes:
        model: that it gave a version to.
        version: that it made.
        best: the candidate of the largest weight.
    """

    model: str
    version: int | None
    request: Request
    rungs: list[Rung]
    candidates: list[Candidate]
    members: list[Member]
    notes: list[str]
    best: int | None = None

    def made(self, model: str, version: int) -> bool:
        """Tell whether a version is what came of it."""
        return (self.model, self.version) == (model, version)
