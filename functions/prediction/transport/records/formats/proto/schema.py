"""The messages of one model: what a record is, what is asked, and what is answered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    struct_pb2,
    timestamp_pb2,
)

from functions.kit.contract.models.registration import Version
from functions.kit.contract.records.columns import Column
from functions.prediction.transport.records.formats.proto import answers, names
from functions.prediction.transport.records.formats.proto.messages import (
    Field,
    Kind,
    many,
    message,
    optional,
)
from functions.prediction.transport.records.formats.proto.text import proto_text

TIMESTAMP = ".google.protobuf.Timestamp"
KINDS: Mapping[str, Any] = {
    "number": Kind.TYPE_DOUBLE,
    "integer": Kind.TYPE_INT64,
    "boolean": Kind.TYPE_BOOL,
    "category": Kind.TYPE_STRING,
    "text": Kind.TYPE_STRING,
    "datetime": TIMESTAMP,
    "date": Kind.TYPE_STRING,
}
"""The type of each kind of column."""
MOST_LEVELS = 20
"""Words of a column that are told, at most."""


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
    columns: Sequence[tuple[Column, str]]
    response: Any
    labels: Sequence[str]
    text: str


def schema_of(version: Version) -> Schema:
    """Return the messages of a version; a field's number is its column's place, from 1."""
    signature = version.signature
    fields = names.fields([column.name for column in signature.columns], "column")
    labels = names.fields(signature.labels, "label")
    columns = [*zip(signature.columns, fields, strict=True)]
    file = _file(version.model, columns)
    made = {**_asked(columns), **answers.messages(signature, labels)}
    file.message_type.extend(message(name, told, file.package) for name, told in made.items())
    remarks = _remarks(version, columns, labels)
    find = _classes(file)
    text = proto_text(file, remarks)
    return Schema(find("Record"), columns, find("PredictResponse"), labels, text)


def _file(model: str, columns: Sequence[tuple[Column, str]]) -> descriptor_pb2.FileDescriptorProto:
    package = f"mayfly.models.{names.fields([model], 'model')[0]}"
    imported = [struct_pb2.DESCRIPTOR.name]
    if any(KINDS[column.kind] == TIMESTAMP for column, _ in columns):
        imported.append(timestamp_pb2.DESCRIPTOR.name)
    return descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto", package=package, syntax="proto3", dependency=imported
    )


def _asked(columns: Sequence[tuple[Column, str]]) -> answers.Messages:
    record: list[Field] = [
        optional(field, names.number(place), KINDS[column.kind], names.json_name(column.name))
        for place, (column, field) in enumerate(columns)
    ]
    return {"Record": record, "PredictRequest": (many("records", 1, "Record"),)}


def _classes(file: descriptor_pb2.FileDescriptorProto) -> Callable[[str], Any]:
    """Return what gives the class of a message."""
    pool = descriptor_pool.DescriptorPool()  # of its own: another model's names may be the same
    for one in (struct_pb2.DESCRIPTOR, timestamp_pb2.DESCRIPTOR):
        pool.AddSerializedFile(one.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())

    def class_of(name: str) -> Any:
        found = pool.FindMessageTypeByName(f"{file.package}.{name}")
        return message_factory.GetMessageClass(found)

    return class_of


def _remarks(
    version: Version, columns: Sequence[tuple[Column, str]], labels: Sequence[str]
) -> dict[str, str]:
    named = zip(version.signature.labels, labels, strict=True)
    return {
        "": f"What the model '{version.model}' takes and gives.",
        "Record": "A row. What is left out is missing.",
        "PredictRequest": "The body of a request.",
        **answers.REMARKS,
        **{f"Record.{field}": _said(column) for column, field in columns},
        **{f"Probabilities.{field}": f"'{_line(label)}'" for label, field in named},
    }


def _said(column: Column) -> str:
    """Return what is said of a column: its name as records have it, and what it may be."""
    said = f"'{_line(column.name)}': {column.kind}"
    if column.kind == "date":
        said += ", such as 2026-01-31"
    if column.levels:
        said += f", one of {_line(', '.join(column.levels[:MOST_LEVELS]))}"
    return said


def _line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
