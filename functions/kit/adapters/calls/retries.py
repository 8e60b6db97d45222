"""Answers that a platform gives in a function's place while it starts: asked again, for a while.

OpenFaaS answers 500 with `X-Openfaas-Internal: proxy`, ingresses 502, 503 or 504. An answer of our
functions says so: its problem document has an `instance`, or in the inference protocol an `error`.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from functions.kit.contract.requests.decoding import UNREADABLE

if TYPE_CHECKING:
    import httpx

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do no more the second time than the first (RFC 9110, 9.2.2)."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
SECONDS = 20.0
"""For all tries of a call together: more than a container takes to start."""

_MIDDLE = frozenset({502, 503, 504})


def answered(
    send: "Callable[[], httpx.Response]", *, repeatable: bool, seconds: float = SECONDS
) -> "httpx.Response":
    """Return the answer to a call, which is sent again while the platform answers in its place.

    Args:
        send: makes the call; the body of what it returns has been read.
        repeatable: the call may reach the function twice.
        seconds: for all tries together; the last answer is returned, whatever it is.
    """
    end = time.monotonic() + seconds
    for wait in waits():
        answer = send()
        if not may_repeat(answer, repeatable=repeatable) or time.monotonic() + wait > end:
            break
        time.sleep(wait)
    return answer


def waits() -> Iterator[float]:
    """Yield the seconds between one try and the next, without end."""
    wait = FIRST_WAIT
    while True:
        yield wait
        wait = min(2 * wait, LONGEST_WAIT)


def may_repeat(answer: "httpx.Response", *, repeatable: bool) -> bool:
    """Tell whether a call shall be made again after this answer.

    One that must not reach the function twice is made again only where it did not reach it once:
    no ingress's 502 or 504 says that, and of the 503s those alone of OpenFaaS and our own gateway.
    """
    if not is_platform_s(answer):
        return False
    return repeatable or (answer.status_code == 503 and _has_no_replica(answer))


def is_platform_s(answer: "httpx.Response") -> bool:
    """Tell whether the platform answers that it did not get the function's answer."""
    if answer.status_code == 500:
        return _by_proxy(answer)
    return answer.status_code in _MIDDLE and not _members(answer) & {"instance", "error"}


def _has_no_replica(answer: "httpx.Response") -> bool:
    return _by_proxy(answer) or {"title", "status", "detail"} <= _members(answer)


def _by_proxy(answer: "httpx.Response") -> bool:
    """Tell whether OpenFaaS's provider answers, which found no function or could not reach it."""
    return bool(answer.headers.get("X-Openfaas-Internal") == "proxy")


def _members(answer: "httpx.Response") -> frozenset[str]:
    """Return the names in the JSON object that an answer is; none where it is no such thing."""
    try:
        return frozenset(msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw]))
    except UNREADABLE:
        return frozenset()
