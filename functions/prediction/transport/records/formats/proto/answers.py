"""The messages of an answer: what a row is predicted, and what is said beside that."""

from collections.abc import Sequence

from functions.kit.contract.models.signature import Signature
from functions.prediction.transport.records.formats.proto import names
from functions.prediction.transport.records.formats.proto.messages import (
    Field,
    Kind,
    many,
    optional,
)

STRUCT = ".google.protobuf.Struct"
Messages = dict[str, Sequence[Field]]
"""By name, the fields of each."""

_BESIDE = (many("warnings", 5, "Warning"), Field("explanation", 6, STRUCT))
_WARNING = (
    Field("column", 1, Kind.TYPE_STRING),
    Field("kind", 2, Kind.TYPE_STRING),
    optional("text", 3, Kind.TYPE_STRING),
    optional("number", 4, Kind.TYPE_DOUBLE),
    optional("minimum", 5, Kind.TYPE_DOUBLE),
    optional("maximum", 6, Kind.TYPE_DOUBLE),
)
_NOTICE = (
    Field("kind", 1, Kind.TYPE_STRING),
    many("fields", 2, Kind.TYPE_STRING),
    Field("count", 3, Kind.TYPE_INT32),
)
_RESPONSE = (
    Field("id", 1, Kind.TYPE_STRING),
    Field("model", 2, Kind.TYPE_STRING),
    Field("version", 3, Kind.TYPE_INT32),
    many("predictions", 4, "Prediction"),
    optional("level", 5, Kind.TYPE_DOUBLE),
    many("notices", 6, "Notice"),
    Field("why", 7, Kind.TYPE_STRING),
)
REMARKS = {
    "PredictResponse": "The body of an answer.",
    "PredictResponse.level": "How often the sets or intervals hold the truth.",
    "PredictResponse.why": "Why this version answered, where the call does not say it.",
    "Probabilities": "The probability of each label.",
    "Set": "Labels of which one is true as often as the answer's level says.",
    "Interval": "What holds the true value as often as the answer's level says.",
    "Warning": "A value that is unlike what the model learnt from: `text` or `number`.",
    "Notice": "What was done with the request that its caller may not expect.",
}
"""What is said of some."""


def messages(signature: Signature, labels: Sequence[str]) -> Messages:
    """Return the messages of a model's answers; `labels` are fields for its labels."""
    own = _classified(signature, labels) if labels else _estimated()
    return {"PredictResponse": _RESPONSE, **own, "Warning": _WARNING, "Notice": _NOTICE}


def _classified(signature: Signature, labels: Sequence[str]) -> Messages:
    probabilities = [
        Field(field, names.number(place), Kind.TYPE_FLOAT, json_name=names.json_name(label))
        for place, (label, field) in enumerate(zip(signature.labels, labels, strict=True))
    ]
    prediction = (
        Field("label", 1, Kind.TYPE_STRING),
        Field("probability", 2, Kind.TYPE_FLOAT),
        Field("probabilities", 3, "Probabilities"),
        Field("set", 4, "Set"),
        *_BESIDE,
    )
    labelled = (many("labels", 1, Kind.TYPE_STRING),)
    return {"Prediction": prediction, "Probabilities": probabilities, "Set": labelled}


def _estimated() -> Messages:
    prediction = (
        Field("value", 1, Kind.TYPE_DOUBLE),
        Field("interval", 4, "Interval"),
        *_BESIDE,
    )
    ends = (Field("low", 1, Kind.TYPE_DOUBLE), Field("high", 2, Kind.TYPE_DOUBLE))
    return {"Prediction": prediction, "Interval": ends}
