"""Asks a function whether a caller may make a call, before the call is queued."""

import asyncio
from typing import TYPE_CHECKING

import msgspec

from emulators.gateway.errors import UNREADABLE, Away
from emulators.gateway.http.buffered import Answer
from emulators.gateway.http.problems import problem
from emulators.gateway.model.queued_call import Outcome, QueuedRequest
from emulators.gateway.model.revision import Check
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.inner_call import InnerCall
from emulators.gateway.queue.vault import CREDENTIALS
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.specs.checks import ANNOTATION

if TYPE_CHECKING:
    from emulators.gateway.http.heads import Headers

LIMIT = 10.0  # seconds, besides those that a first replica takes to start
_PASSED_ON = frozenset((b"www-authenticate", b"retry-after"))
_SHOWN = CREDENTIALS | {
    b"traceparent",
    b"tracestate",
    b"x-forwarded-for",
    b"x-forwarded-proto",
    b"x-forwarded-host",
    b"user-agent",
}


class _Problem(msgspec.Struct):
    detail: str = ""


class CallerCheck:
    """Asks what a function's annotation names; the answer decides.

    Args:
        calls: What all calls share.
        plane: The functions.
    """

    def __init__(self, calls: Calls, plane: Plane) -> None:
        self._calls = calls
        self._plane = plane

    async def refusal(self, function: Function, request: QueuedRequest) -> Answer | None:
        """Return None when the call may be queued (2xx, or the function names no check).

        A 4xx is the answer's status and reason. The question is a GET with the caller's
        credentials, ``X-Original-Method`` and ``X-Original-URI``.

        Raises:
            Away: When nobody could be asked.
        """
        check = function.serving.pool.revision.check
        if check is None:
            return None
        outcome = await self._ask(function, check, request)
        if 200 <= outcome.status < 300:
            return None
        if 400 <= outcome.status < 500 and not outcome.error:
            return _refused(function, outcome)
        raise self._away(function, outcome.error or f"it answered {outcome.status}")

    async def _ask(self, function: Function, check: Check, request: QueuedRequest) -> Outcome:
        asked = self._asked(function, check)
        fields = [field for field in request.headers if field[0] in _SHOWN]
        question = msgspec.structs.replace(
            request,
            function=asked.name,
            namespace=asked.namespace,
            method="GET",
            path=check.path.encode(),
            body=b"",
            callback="",
            headers=(
                (b"host", asked.label.encode()),
                *fields,
                (b"x-original-method", request.method.encode()),
                (b"x-original-uri", request.path),
                (b"x-original-function", function.label.encode()),
            ),
        )
        try:
            async with asyncio.timeout(self._calls.start_limit + LIMIT):
                return await InnerCall(self._calls, asked, question, queued=False).result()
        except TimeoutError:
            raise self._away(function, "no answer in time") from None

    def _asked(self, function: Function, check: Check) -> Function:
        if not check.function:
            return function
        key = check.namespace or function.namespace, check.function
        found = self._plane.functions.get(key)
        if found is None:
            raise self._away(function, f"{check.function!r} is not deployed")
        return found

    def _away(self, function: Function, why: str) -> Away:
        return Away(
            f"the caller of {function.name!r} could not be checked ({ANNOTATION}): {why}",
            "the call is not queued: send it again",
            retry_after=1,
        )


def _refused(function: Function, outcome: Outcome) -> Answer:
    try:
        said = msgspec.json.decode(outcome.body, type=_Problem).detail
    except UNREADABLE:
        said = ""
    why = said or f"function {function.name!r} refuses this caller"
    body = problem(outcome.status, why, "the call is not queued")
    headers: Headers = [f for f in outcome.headers if f[0].lower() in _PASSED_ON]
    return Answer(outcome.status, body, "application/problem+json", headers)
