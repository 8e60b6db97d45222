"""Requests and answers over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@dataclass(slots=True)
class Request:
    """A request that has arrived whole.

    Attributes:
        path: As it was sent, still percent-encoded.
        query: What follows the question mark, as it was sent.
        headers: By lower-case name.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Response:
    """An answer; `body` is sent as it is, or in chunks as an iterator yields them."""

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    kind: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
