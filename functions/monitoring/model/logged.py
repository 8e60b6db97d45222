"""Predictions as they are kept, shown, and asked for."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.telemetry.hourly import HOUR, microseconds, moment
from functions.kit.contract.telemetry.predictions import Output, Prediction, Value


class Key(NamedTuple):
    """What predictions are ordered by; no two have the same one."""

    at: int
    id: str


class Life(NamedTuple):
    """A model's, from when it is registered until it is deleted; its name may have others.

    Attributes:
        uid: of the model.
        since: microseconds since 1970, when it was registered.
    """

    uid: str
    since: int

    def has(self, uid: str, at: int) -> bool:
        """Tell whether what was kept at a time is its; older lines know no `uid`."""
        return uid == self.uid if uid else at >= self.since


class Logged(msgspec.Struct, frozen=True):
    """A prediction as it is kept: when it was there (microseconds since 1970), its id, the rest."""

    at: int
    id: str
    told: Prediction

    @property
    def order(self) -> Key:
        """What it is ordered by."""
        return Key(self.at, self.id)


class Label(NamedTuple):
    """What turned out to be true of a prediction.

    Attributes:
        label: as text.
        at: when it came, microseconds since 1970.
    """

    label: str
    at: int


class LoggedPrediction(msgspec.Struct, kw_only=True):
    """One prediction, and what turned out to be true of it.

    Attributes:
        id: of the prediction: the answer's, `-`, and its place there from 0.
        at: when it was there.
        model: by name.
        version: that answered.
        alias: that led to it; empty where the call named a version.
        why: that version answered, in a word.
        inputs: by column; of sensitive columns what stands for the value, or nothing.
        output: what the model gave.
        elapsed_ms: milliseconds that its call took.
        caller: the name of who called.
        account: the id of the account that called; empty for functions.
        label: what turned out to be true, as text; null while that is not known.
        labelled_at: when that came.
    """

    id: str
    at: dt.datetime
    model: str
    version: int
    alias: str
    why: str
    inputs: dict[str, Value]
    output: Output
    elapsed_ms: float
    caller: str
    account: str
    label: str | None = None
    labelled_at: dt.datetime | None = None


class ExplainedPrediction(LoggedPrediction, kw_only=True):
    """One prediction with what each column did for it.

    Attributes:
        explanation: as `prediction` gives it; null where there is none.
        no_explanation: why there is none.
    """

    explanation: Any = None
    no_explanation: str | None = None


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which predictions are meant: those for which all that is given holds.

    Attributes:
        model: whose.
        version: that answered.
        alias: that led to it.
        caller: a name.
        id: of one prediction.
        since: microseconds since 1970, the first that counts.
        until: the first that does not count any more.
        life: of the model that has the name now; None where none has.
    """

    model: Place
    version: int | None = None
    alias: str | None = None
    caller: str | None = None
    id: str | None = None
    since: int | None = None
    until: int | None = None
    life: Life | None = None

    @property
    def exact(self) -> list[tuple[str, str]]:
        """The columns that must be equal to something, and to what."""
        given = (("alias", self.alias), ("caller", self.caller), ("id", self.id))
        return [(name, value) for name, value in given if value is not None]


def shown(one: Logged, label: Label | None) -> LoggedPrediction:
    """Return a prediction as callers see it."""
    told = one.told
    return LoggedPrediction(
        id=one.id,
        at=moment(one.at),
        model=told.model,
        version=told.version,
        alias=told.alias,
        why=told.why,
        inputs=told.inputs,
        output=told.output,
        elapsed_ms=told.elapsed / 1000,
        caller=told.caller,
        account=told.account,
        label=None if label is None else label.label,
        labelled_at=None if label is None else moment(label.at),
    )


def logged(event_id: str, time: str, told: Prediction) -> Logged:
    """Return a prediction as it is kept; raises ValueError where `time` is none."""
    return Logged(microseconds(dt.datetime.fromisoformat(time)), event_id, told)


def by_file(found: Sequence[Logged]) -> dict[tuple[str, str, int, int], list[Logged]]:
    """Part predictions into those of each file: workspace, model, version, hour."""
    parts: dict[tuple[str, str, int, int], list[Logged]] = {}
    for one in found:
        told = one.told
        place = (told.workspace, told.model, told.version, one.at // HOUR)
        parts.setdefault(place, []).append(one)
    return parts
