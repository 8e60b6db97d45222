"""Asks a function whether a caller may make a call: before it is queued, and who asks for it."""

import asyncio
from typing import TYPE_CHECKING

import msgspec

from emulators.gateway.errors import UNREADABLE, Away
from emulators.gateway.http.buffered import Answer
from emulators.gateway.http.problems import problem
from emulators.gateway.model.queued_call import (
    Outcome,
    QueuedRequest,
    tells_of_caller,
    to_be_checked,
)
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


class _NoAnswerError(Exception):
    """Nobody said whether the caller may."""


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
        credentials and fields of its own (``X-...``), ``X-Original-Method`` and
        ``X-Original-URI``.

        Raises:
            Away: When nobody could be asked.
        """
        try:
            outcome = await self._answer(function, request)
        except _NoAnswerError as error:
            raise _away(function, error, "the call is not queued: send it again") from error
        return None if outcome is None else _refused(function, outcome)

    async def still_may(self, request: QueuedRequest, shown: "Headers") -> bool:
        """Tell whether a call that was queued would still be let in.

        It would be where its function names no check, or is not there any more.

        Args:
            request: The call; its credentials need not be there.
            shown: Fields with the credentials of who asks for it, the same as those it was
                made with.

        Raises:
            Away: When nobody could be asked.
        """
        function = self._plane.functions.get((request.namespace, request.function))
        if function is None:
            return True
        made = to_be_checked(request)
        credentials = (field for field in shown if field[0] in CREDENTIALS)
        question = msgspec.structs.replace(made, headers=(*made.headers, *credentials))
        try:
            return await self._answer(function, question) is None
        except _NoAnswerError as error:
            raise _away(function, error, "ask again") from error

    async def _answer(self, function: Function, request: QueuedRequest) -> Outcome | None:
        """Return how the caller is refused, or None."""
        check = function.serving.pool.revision.check
        if check is None:
            return None
        outcome = await self._ask(function, check, request)
        if 200 <= outcome.status < 300:
            return None
        if 400 <= outcome.status < 500 and not outcome.error:
            return outcome
        raise _NoAnswerError(outcome.error or f"it answered {outcome.status}")

    async def _ask(self, function: Function, check: Check, request: QueuedRequest) -> Outcome:
        asked = self._asked(function, check)
        fields = (field for field in request.headers if _is_shown(field[0]))
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
            raise _NoAnswerError("no answer in time") from None

    def _asked(self, function: Function, check: Check) -> Function:
        if not check.function:
            return function
        key = check.namespace or function.namespace, check.function
        found = self._plane.functions.get(key)
        if found is None:
            raise _NoAnswerError(f"{check.function!r} is not deployed")
        return found


def _is_shown(name: bytes) -> bool:
    return name in CREDENTIALS or tells_of_caller(name)


def _away(function: Function, why: _NoAnswerError, remedy: str) -> Away:
    return Away(
        f"the caller of {function.name!r} could not be checked ({ANNOTATION}): {why}",
        remedy,
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
