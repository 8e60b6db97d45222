"""Messages that are put together field by field."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2

from functions.prediction.transport.records.formats.proto.names import camel

Kind = descriptor_pb2.FieldDescriptorProto


class Field(NamedTuple):
    """A field of a message.

    Attributes:
        name: of it.
        number: of it.
        kind: a type of Protocol Buffers', or a message's name; with a dot before it a full one.
        is_optional: whether it can be told from one that is left out.
        is_repeated: whether it is a list.
        json_name: its name in JSON; None for what protoc makes of its name.
    """

    name: str
    number: int
    kind: Any
    is_optional: bool = False
    is_repeated: bool = False
    json_name: str | None = None


def optional(name: str, number: int, kind: Any, json_name: str | None = None) -> Field:
    """Return a field that can be told from one that is left out."""
    return Field(name, number, kind, is_optional=True, json_name=json_name)


def many(name: str, number: int, kind: Any) -> Field:
    """Return a field that is a list."""
    return Field(name, number, kind, is_repeated=True)


def message(name: str, fields: Iterable[Field], package: str) -> descriptor_pb2.DescriptorProto:
    """Return a message of some fields."""
    found = descriptor_pb2.DescriptorProto(name=name)
    for field in fields:
        made = found.field.add(
            name=field.name,
            number=field.number,
            label=Kind.LABEL_REPEATED if field.is_repeated else Kind.LABEL_OPTIONAL,
            json_name=field.json_name or camel(field.name),
        )
        if isinstance(field.kind, str):
            made.type = Kind.TYPE_MESSAGE
            made.type_name = field.kind if field.kind[0] == "." else f".{package}.{field.kind}"
        else:
            made.type = field.kind
        if field.is_optional:
            made.proto3_optional = True
            made.oneof_index = len(found.oneof_decl)
            found.oneof_decl.add(name=f"_{field.name}")
    return found
