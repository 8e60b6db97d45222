"""The messages of one model: what a record is, what is asked, and what is answered."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    struct_pb2,
    timestamp_pb2,
)

from functions.kit.contract import columns
from functions.kit.contract.registration import Version
from functions.kit.contract.signature import Signature
from functions.prediction.transport.records.formats.proto import names
from functions.prediction.transport.records.formats.proto.messages import Field, Kind, message
from functions.prediction.transport.records.formats.proto.text import proto_text

_TIMESTAMP = ".google.protobuf.Timestamp"
_STRUCT = ".google.protobuf.Struct"
_IMPORTED = (timestamp_pb2.DESCRIPTOR, struct_pb2.DESCRIPTOR)
_KINDS: Mapping[columns.Kind, Any] = {
    "number": Kind.TYPE_DOUBLE,
    "integer": Kind.TYPE_INT64,
    "boolean": Kind.TYPE_BOOL,
    "category": Kind.TYPE_STRING,
    "text": Kind.TYPE_STRING,
    "datetime": _TIMESTAMP,
    "date": Kind.TYPE_STRING,
}
_REMARKS = {
    "Record": "A row. What is left out is missing.",
    "PredictRequest": "The body of a request.",
    "PredictResponse": "The body of its answer.",
    "PredictResponse.level": "How often the sets or intervals hold the truth.",
    "Probabilities": "The probability of each label.",
    "Set": "Labels of which one is true as often as the answer's level says.",
    "Interval": "What holds the true value as often as the answer's level says.",
    "Warning": "A value that is unlike what the model learnt from.",
    "Notice": "What was done with the request that its caller may not expect.",
}


class Schema(NamedTuple):
    """What a model takes and gives as messages.

    Attributes:
        record: the class of a row.
        columns: of a record, each with its field.
        response: the class of an answer.
        labels: fields of `Probabilities`, in the labels' order.
        text: the `.proto`.
    """

    record: Any
    columns: Sequence[tuple[columns.Column, str]]
    response: Any
    labels: Sequence[str]
    text: str


def schema_of(version: Version) -> Schema:
    """Return the messages of a version; those of all versions of equal columns are equal."""
    signature = version.signature
    package = f"mayfly.models.{names.fields([version.model], 'model')[0]}"
    fields = names.fields([column.name for column in signature.columns], "column")
    labels = names.fields(signature.labels, "label")
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto",
        package=package,
        syntax="proto3",
        dependency=[one.name for one in _IMPORTED],
    )
    told = {"": f"What the model '{version.model}' takes and gives.", **_REMARKS}
    for name, made in _messages(signature, fields, labels).items():
        file.message_type.append(message(name, made, package))
    found = zip(signature.columns, fields, strict=True)
    told |= {f"Record.{field}": _said(column) for column, field in found}
    told |= {
        f"Probabilities.{field}": f"'{_line(label)}'"
        for label, field in zip(signature.labels, labels, strict=True)
    }
    classes = _classes(file)
    return Schema(
        record=classes("Record"),
        columns=[*zip(signature.columns, fields, strict=True)],
        response=classes("PredictResponse"),
        labels=labels,
        text=proto_text(file, told),
    )


def _classes(file: descriptor_pb2.FileDescriptorProto) -> Any:
    pool = descriptor_pool.DescriptorPool()  # of its own: other models' names may be the same
    for one in _IMPORTED:
        pool.AddSerializedFile(one.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())

    def class_of(name: str) -> Any:
        found = pool.FindMessageTypeByName(f"{file.package}.{name}")
        return message_factory.GetMessageClass(found)

    return class_of


def _messages(
    signature: Signature, fields: Sequence[str], labels: Sequence[str]
) -> dict[str, list[Field]]:
    found = {
        "Record": [
            Field(
                field, names.number(place), _KINDS[column.kind], True, json_name=_json(column.name)
            )
            for place, (column, field) in enumerate(zip(signature.columns, fields, strict=True))
        ],
        "PredictRequest": [Field("records", 1, "Record", is_repeated=True)],
        **(_classified(signature, labels) if labels else _estimated()),
        **_COMMON,
    }
    return found


def _json(name: str) -> str | None:
    return name if names.may_be_json_name(name) else None


def _classified(signature: Signature, labels: Sequence[str]) -> dict[str, list[Field]]:
    probabilities = [
        Field(field, names.number(place), Kind.TYPE_FLOAT, json_name=_json(label))
        for place, (label, field) in enumerate(zip(signature.labels, labels, strict=True))
    ]
    return {
        "Prediction": [
            Field("label", 1, Kind.TYPE_STRING),
            Field("probability", 2, Kind.TYPE_FLOAT),
            Field("probabilities", 3, "Probabilities"),
            Field("set", 4, "Set"),
            *_BESIDE,
        ],
        "Probabilities": probabilities,
        "Set": [Field("labels", 1, Kind.TYPE_STRING, is_repeated=True)],
    }


def _estimated() -> dict[str, list[Field]]:
    return {
        "Prediction": [
            Field("value", 1, Kind.TYPE_DOUBLE),
            Field("interval", 4, "Interval"),
            *_BESIDE,
        ],
        "Interval": [Field("low", 1, Kind.TYPE_DOUBLE), Field("high", 2, Kind.TYPE_DOUBLE)],
    }


_BESIDE = [
    Field("warnings", 5, "Warning", is_repeated=True),
    Field("explanation", 6, _STRUCT),
]
_COMMON = {
    "Warning": [
        Field("column", 1, Kind.TYPE_STRING),
        Field("kind", 2, Kind.TYPE_STRING),
        Field("text", 3, Kind.TYPE_STRING, True),
        Field("number", 4, Kind.TYPE_DOUBLE, True),
        Field("minimum", 5, Kind.TYPE_DOUBLE, True),
        Field("maximum", 6, Kind.TYPE_DOUBLE, True),
    ],
    "Notice": [
        Field("kind", 1, Kind.TYPE_STRING),
        Field("fields", 2, Kind.TYPE_STRING, is_repeated=True),
        Field("count", 3, Kind.TYPE_INT32),
    ],
    "PredictResponse": [
        Field("id", 1, Kind.TYPE_STRING),
        Field("model", 2, Kind.TYPE_STRING),
        Field("version", 3, Kind.TYPE_INT32),
        Field("predictions", 4, "Prediction", is_repeated=True),
        Field("level", 5, Kind.TYPE_DOUBLE, True),
        Field("notices", 6, "Notice", is_repeated=True),
        Field("why", 7, Kind.TYPE_STRING),
    ],
}


def _said(column: columns.Column) -> str:
    """Return what is said of a column: its name as records have it, and what it may be."""
    said = f"'{_line(column.name)}': {column.kind}"
    if column.kind == "date":
        said += ", such as 2026-01-31"
    if column.levels:
        said += f", one of {_line(', '.join(column.levels[:20]))}"
    return said


def _line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
