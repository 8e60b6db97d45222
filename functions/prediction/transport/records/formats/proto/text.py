"""A schema as the text of a `.proto`."""

import json
from collections.abc import Iterator, Mapping

from google.protobuf import descriptor_pb2

from functions.prediction.transport.records.formats.proto.names import camel

_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    _Field.TYPE_DOUBLE: "double",
    _Field.TYPE_FLOAT: "float",
    _Field.TYPE_INT32: "int32",
    _Field.TYPE_INT64: "int64",
    _Field.TYPE_BOOL: "bool",
    _Field.TYPE_STRING: "string",
}
Remarks = Mapping[str, str]
"""A message's name, or `Message.field` → what is said of it."""


def proto_text(schema: descriptor_pb2.FileDescriptorProto, remarks: Remarks) -> str:
    """Return the text that protoc compiles into `schema`."""
    return "\n".join(_lines(schema, remarks)) + "\n"


def _lines(schema: descriptor_pb2.FileDescriptorProto, remarks: Remarks) -> Iterator[str]:
    yield from _remark(remarks, "", "")
    yield f'syntax = "{schema.syntax}";'
    yield f"package {schema.package};"
    for name in schema.dependency:
        yield f'import "{name}";'
    for message in schema.message_type:
        yield ""
        yield from _remark(remarks, message.name, "")
        yield f"message {message.name} {{"
        for field in message.field:
            yield from _remark(remarks, f"{message.name}.{field.name}", "  ")
            yield f"  {_declared(field, schema.package)}"
        yield "}"


def _remark(remarks: Remarks, name: str, indent: str) -> Iterator[str]:
    yield from (f"{indent}// {line}" for line in remarks.get(name, "").splitlines())


def _declared(field: descriptor_pb2.FieldDescriptorProto, package: str) -> str:
    kind = _TYPES.get(field.type) or field.type_name.removeprefix(f".{package}.").lstrip(".")
    rule = "repeated " if field.label == _Field.LABEL_REPEATED else ""
    rule = "optional " if field.proto3_optional else rule
    said = field.json_name != camel(field.name)
    name = f" [json_name = {_quoted(field.json_name)}]" if said else ""
    return f"{rule}{kind} {field.name} = {field.number}{name};"


def _quoted(text: str) -> str:
    """Return a text as a literal, whose bytes are UTF-8's."""
    return json.dumps(text, ensure_ascii=False)
