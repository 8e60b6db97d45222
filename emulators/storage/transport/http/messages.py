"""Requests and answers over HTTP."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Protocol


class Body(Protocol):
    """A request's body, as it comes."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the rest of it.

        Raises:
            BrokenBodyError: It broke off, or is none.
        """


class BrokenBodyError(Exception):
    """A body that breaks off, or cannot be read as what it says it is."""


@dataclass(slots=True)
class Request:
    """A request's head, and the body behind it.

    Attributes:
        path: As it was sent, still percent-encoded.
        raw_query: As it was sent.
        query: By name; of several with one name the last.
        headers: By lower-case name.
        length: Of the body; None for a chunked one.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Body
    length: int | None = 0
    raw_query: str = ""

    def header(self, name: str) -> str:
        """Return a field's value, by its name in lower case; "" where there is none."""
        return self.headers.get(name, "")


@dataclass(slots=True)
class FileSlice:
    """Bytes of an open file, from `start` on; it is closed once they are sent."""

    file: IO[bytes]
    start: int
    length: int


@dataclass(slots=True)
class Response:
    """An answer; a stream is sent in chunks."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | FileSlice | Iterator[bytes] = b""
