"""Messages as a compiled schema describes them (`protoc --descriptor_set_out`)."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from google.protobuf import json_format
else:
    json_format = Lazy("google.protobuf.json_format")

Message = Any
"""A message; its fields are its schema's."""


class Method(NamedTuple):
    """The classes of what a method takes and gives, and whether each comes as a stream."""

    taken: type[Message]
    given: type[Message]
    streams_in: bool
    streams_out: bool


class Schemas:
    """The messages and services of a compiled schema.

    They are in a pool of their own: a client in the same process may bring the same names.

    Args:
        file: a FileDescriptorSet, with all that its files import.
    """

    def __init__(self, file: Path) -> None:
        self.pool = descriptor_pool.DescriptorPool()
        for one in descriptor_pb2.FileDescriptorSet.FromString(file.read_bytes()).file:
            self.pool.Add(one)

    def message(self, name: str) -> type[Message]:
        """Return the class of a message by its full name."""
        described = self.pool.FindMessageTypeByName(name)
        found: type[Message] = message_factory.GetMessageClass(described)
        return found

    def method(self, service: str, name: str) -> Method:
        """Return what a service's method takes and gives."""
        found = self.pool.FindServiceByName(service).methods_by_name[name]
        return Method(
            self.message(found.input_type.full_name),
            self.message(found.output_type.full_name),
            found.client_streaming,
            found.server_streaming,
        )


def filled(kind: type[Message], given: Mapping[str, Any]) -> Message:
    """Return a message with values as JSON has them, by its fields' names; others are left out."""
    return json_format.ParseDict(given, kind(), ignore_unknown_fields=True)


def plain(message: Message) -> dict[str, Any]:
    """Return a message's values as JSON has them."""
    found: dict[str, Any] = json_format.MessageToDict(message)
    return found
