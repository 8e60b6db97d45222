"""Messages as a compiled schema describes them (`protoc --descriptor_set_out`)."""

from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Message = Any
"""A message; its fields are its schema's."""


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
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))

    def method(self, service: str, name: str) -> tuple[type[Message], type[Message]]:
        """Return the classes of what a method takes and gives."""
        found = self.pool.FindServiceByName(service).methods_by_name[name]
        return self.message(found.input_type.full_name), self.message(found.output_type.full_name)
