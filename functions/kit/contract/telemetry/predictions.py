"""Predictions as `prediction` tells `monitoring` of them: CloudEvents 1.0, in batches.

An event that comes again, in whatever batch, is the same prediction: its id says which.
"""

from typing import Annotated, Any, Literal

import msgspec

MONITORING = "monitoring"
"""The function that keeps predictions."""
PATH = "/predictions"
UNTOLD = "untold-predictions/"
"""Where in the bucket batches wait that were not told: `untold-predictions/{function}/….json`."""
BATCH_TYPE = "application/cloudevents-batch+json"
MADE = "dev.mayfly.prediction.made"
LOST = "dev.mayfly.predictions.lost"
COUNTED = "dev.mayfly.predictions.counted"
LARGEST_BATCH = 32 * 1024 * 1024
"""Bytes; one call's records may be a third of it."""
EXPLAINED = 2
"""As how many predictions a quota counts one that is explained, whenever that is."""

RANDOM, SECONDS = 18, 8
"""Hexadecimal digits of an id: random ones first, then Unix seconds when it was given."""
_ID = r"^[0-9a-f]{27,60}-[0-9]{1,7}$"

Value = float | int | str | bool | None
Id = Annotated[str, msgspec.Meta(pattern=_ID)]


class Output(msgspec.Struct, omit_defaults=True):
    """What a model gave: a label, its probability and every label's; or a value.

    Where the version's intervals fit it, `spread` is how far off the value is likely to be.
    """

    label: str | None = None
    probability: float | None = None
    probabilities: dict[str, float] | None = None
    value: float | None = None
    spread: float | None = None


class Prediction(msgspec.Struct):
    """The data of an event of type MADE.

    Attributes:
        workspace: whose model it was.
        model: by name.
        version: that answered.
        alias: that led to it; empty where the call named a version.
        why: that version answered, in a word.
        caller: the name of who called.
        account: the id of the account that called; empty for functions.
        elapsed: microseconds that the call took.
        inputs: by column; sensitive ones hashed, or left out.
        output: what the model gave.
        uid: of the model: another one of its name has another; empty in what is older than this.
    """

    workspace: str
    model: str
    version: int
    alias: str
    why: str
    caller: str
    account: str
    elapsed: int
    inputs: dict[str, Value]
    output: Output
    uid: str = ""


class Event(msgspec.Struct):
    """A CloudEvent in JSON; of those of other types, `data` is whatever it is."""

    id: str
    source: str
    type: str
    time: str
    data: msgspec.Raw
    specversion: Literal["1.0"] = "1.0"


class Lost(msgspec.Struct):
    """The data of an event of type LOST: how many predictions could not be told of."""

    predictions: int


class Counts(msgspec.Struct, omit_defaults=True):
    """What came of a version in a minute beside predictions.

    Attributes:
        errors: calls that failed though nothing was wrong with them (500 and above).
        refused: calls that were refused for what they sent (400, 413, 415, 422).
        quota_hits: calls that were refused for their account's plan (429).
        cold_starts: times that a replica had to load the version.
    """

    errors: int = 0
    refused: int = 0
    quota_hits: int = 0
    cold_starts: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return both."""
        return Counts(
            self.errors + other.errors,
            self.refused + other.refused,
            self.quota_hits + other.quota_hits,
            self.cold_starts + other.cold_starts,
        )


class Counted(msgspec.Struct):
    """The data of an event of type COUNTED: one that comes again under its id counts once.

    Attributes:
        workspace: whose model it is.
        model: by name.
        version: that was meant, or that its alias names.
        uid: of the model.
        minute: since 1970.
        counts: what came in it.
    """

    workspace: str
    model: str
    version: int
    uid: str
    minute: Annotated[int, msgspec.Meta(ge=0, lt=10**9)]
    counts: Counts


def sender_of(event: str) -> str:
    """Return who told an event of type COUNTED, by its id; of an older release, the id itself.

    What one sender tells of a minute is few events, which are kept together: so no document is
    written by many replicas.
    """
    return event.rpartition("-")[0] or event


def given_at(text: str) -> int | None:
    """Return the Unix seconds when a prediction's id was given; None if it is no id of ours."""
    return int(text[RANDOM : RANDOM + SECONDS], 16) if _is_id(text) else None


def _is_id(text: Any) -> bool:
    try:
        msgspec.convert(text, Id)
    except msgspec.ValidationError:
        return False
    return True
