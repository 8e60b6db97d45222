"""A call of the API: a request whose address has been taken apart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulators.storage.model.errors import InvalidError, TooLargeError
from emulators.storage.model.preconditions import Preconditions, number, read_preconditions
from emulators.storage.model.records import Address, Fields
from emulators.storage.transport.http.messages import Request
from emulators.storage.transport.inflating import inflated

MAX_JSON_BYTES = 4 << 20


@dataclass(slots=True)
class Call:
    """What a handler is given.

    Attributes:
        names: The parts of the path that the route names, unescaped.
        base: The address that the caller knows the emulator by.
    """

    request: Request
    names: Mapping[str, str]
    base: str
    query: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.query = self.request.query

    @property
    def address(self) -> Address:
        """The object that the path names, and the generation that the query does.

        Raises:
            InvalidError: The generation is no number.
        """
        return Address(self.names["bucket"], self.names["object"], number(self.query, "generation"))

    @property
    def preconditions(self) -> Preconditions:
        """What the caller expects of what the path names.

        Raises:
            InvalidError: A parameter is no number.
        """
        return read_preconditions(self.query, "if", self.request.headers)

    @property
    def source_preconditions(self) -> Preconditions:
        """What the caller expects of a copy's source.

        Raises:
            InvalidError: A parameter is no number.
        """
        return read_preconditions(self.query, "ifSource")

    def asks(self, name: str) -> bool:
        """Tell whether a parameter is there that says yes."""
        return self.query.get(name, "").lower() == "true"

    def is_full(self, *, otherwise: bool = False) -> bool:
        """Tell whether the caller wants to see ACLs."""
        return self.query.get("projection", "full" if otherwise else "noAcl") == "full"

    def most(self, limit: int) -> int:
        """Return how many things a page may have.

        Raises:
            InvalidError: It is no number, or none that makes sense.
        """
        asked = number(self.query, "maxResults")
        if asked is not None and asked < 0:
            raise InvalidError(f"Invalid value for maxResults: {asked}.")
        return min(asked or limit, limit)

    def body(self) -> Fields:
        """Return the body, a JSON object; {} for none.

        Raises:
            InvalidError: It is something else.
            TooLargeError: It is larger than any of those is.
        """
        return json_object(b"".join(self._bounded()))

    def _bounded(self) -> list[bytes]:
        found, size = [], 0
        for chunk in inflated(self.request):
            size += len(chunk)
            if size > MAX_JSON_BYTES:
                raise TooLargeError(f"The body is larger than {MAX_JSON_BYTES} bytes.")
            found.append(chunk)
        return found


def json_object(data: bytes) -> Fields:
    """Return a JSON object; {} for none.

    Raises:
        InvalidError: It is something else.
    """
    if not data.strip():
        return {}
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"Parse error: the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise InvalidError("Parse error: the body is no JSON object.")
    return found
