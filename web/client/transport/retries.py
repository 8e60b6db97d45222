"""Answers that a platform gives in a function's place while it starts: asked again, for a while.

OpenFaaS answers 500 with `X-Openfaas-Internal: proxy`, ingresses 502, 503 or 504. An answer of our
functions says so: its problem document has an `instance`.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Protocol

import msgspec

from web.client.transport.failures import DECODE_ERRORS

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do no more the second time than the first (RFC 9110, 9.2.2)."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 1.0


class Answer(Protocol):
    """An answer whose body has been read; HTTPX's own is one."""

    @property
    def status_code(self) -> int: ...  # noqa: D102 - as HTTPX calls it

    @property
    def headers(self) -> Mapping[str, str]: ...  # noqa: D102 - by lower-case names at least

    @property
    def content(self) -> bytes: ...  # noqa: D102 - as HTTPX calls it


_MIDDLE = frozenset({502, 503, 504})


def tries(seconds: float) -> Iterator[bool]:
    """Yield once for each try, with pauses between that grow: whether another may follow.

    Args:
        seconds: for all pauses and the tries between them.
    """
    end, wait = time.monotonic() + seconds, FIRST_WAIT
    while time.monotonic() + wait <= end:
        yield True
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
    yield False


def may_repeat(answer: Answer, *, repeatable: bool) -> bool:
    """Tell whether a call may be made again after this answer, whose body has been read.

    One that must not reach the function twice is made again only where it did not reach it once:
    no ingress's 502 or 504 says that, and of the 503s those alone of OpenFaaS and our own gateway.

    Args:
        answer: of 400 and over.
        repeatable: the call may reach the function twice.
    """
    status, members = answer.status_code, _members(answer)
    if status == 500:
        return repeatable and _by_proxy(answer)
    if status not in _MIDDLE or "instance" in members:
        return False
    has_no_replica = _by_proxy(answer) or {"title", "status", "detail"} <= members
    return repeatable or (status == 503 and has_no_replica)


def _by_proxy(answer: Answer) -> bool:
    """Tell whether OpenFaaS's provider answers, which found no function or could not reach it."""
    return bool(answer.headers.get("x-openfaas-internal") == "proxy")


def _members(answer: Answer) -> frozenset[str]:
    """Return the names in the JSON object that an answer is; none where it is no such thing."""
    try:
        return frozenset(msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw]))
    except DECODE_ERRORS:
        return frozenset()
