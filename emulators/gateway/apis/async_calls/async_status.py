"""Asking for, and cancelling, an asynchronous call."""

from collections.abc import Callable
from typing import Any, Protocol

from emulators.gateway.apis.admin import Admin
from emulators.gateway.apis.async_calls.caller_check import CallerCheck
from emulators.gateway.errors import Cancelled, Conflict, NotFound
from emulators.gateway.http.bodies import reply
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.queued_call import Outcome, QueuedRequest, Waiting, decode_outcome
from emulators.gateway.queue.jetstream import JetStreamQueue
from emulators.gateway.queue.vault import Vault

CANCELLED = status_of(Cancelled)


class Running(Protocol):
    """Knows the calls that are being carried out."""

    def find(self, call_id: str, owner: str | None) -> QueuedRequest | None:
        """Return a call that is being carried out now (None: anybody's), or None."""

    def cancel(self, call_id: str, owner: str | None) -> bool:
        """End a call that is being carried out; False when it is not."""


class AsyncStatusApi:
    """Routes ``/async-function/{call-id}``: GET for state and result, DELETE to cancel.

    They are there for the credential that made the call, as long as its function's check lets it
    make the call, and for the gateway's password. To everybody else, and to those who show no
    credential, there is no such call.

    Args:
        queue: Where calls and outcomes lie.
        running: Who carries calls out.
        vault: Knows owners by their credentials.
        check: Asks functions whether callers may make calls.
        trusted: Whether a request carries the password.
    """

    def __init__(
        self,
        queue: JetStreamQueue,
        running: Running,
        vault: Vault,
        check: CallerCheck,
        trusted: Callable[[Incoming], bool],
    ) -> None:
        self._queue = queue
        self._running = running
        self._vault = vault
        self._check = check
        self._trusted = trusted

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("GET", "/async-function/{call_id}", self.status)
        admin.add("DELETE", "/async-function/{call_id}", self.cancel)

    async def status(self, incoming: Incoming, call_id: str) -> Answer:
        """Tell whether it is queued, running or over (and how); once over, with the result."""
        asker = self._asker(incoming, call_id)
        call, told = await self._found(call_id, asker)
        await self._admit(incoming, asker, call)
        return reply(200, {"call_id": call_id, **told})

    async def _found(
        self, call_id: str, asker: str | None
    ) -> tuple[QueuedRequest | None, dict[str, Any]]:
        """Return a call, where its outcome still says what it was, and how it stands."""
        running = self._running.find(call_id, asker)
        if running is not None:
            return running, {"state": "running"}
        waiting = await self._unfinished(call_id, asker)
        if waiting is not None:
            return waiting[1], {"state": "queued"}
        outcome = await self._outcome(call_id, asker)
        return outcome.made, _shown(outcome)

    async def cancel(self, incoming: Incoming, call_id: str) -> Answer:
        """Take a call out of the queue, or end it where it is."""
        asker = self._asker(incoming, call_id)
        call, _ = await self._found(call_id, asker)
        await self._admit(incoming, asker, call)
        if not self._running.cancel(call_id, asker):
            found = await self._unfinished(call_id, asker)
            if found is None:
                raise Conflict(f"the call {call_id!r} has ended", "ask for its outcome with GET")
            place, request = found
            # In this order: where the queue's server fails between the two, the call is still
            # there, to be cancelled again.
            await self._queue.record(request, Outcome(CANCELLED, error="cancelled"))
            if not self._running.cancel(call_id, request.owner):  # it may have begun meanwhile
                await self._queue.discard(place)
        return Answer(202)

    async def _unfinished(self, call_id: str, asker: str | None) -> Waiting | None:
        """Return the place in the queue of a call that has no outcome yet, and the call.

        One with an outcome is still there until its callback is made.
        """
        found = await self._queue.find(call_id, asker)
        while found is not None and await self._queue.ended(*found):
            found = await self._queue.find(call_id, asker, after=found[0])
        return found

    async def _outcome(self, call_id: str, asker: str | None) -> Outcome:
        kept = await self._queue.outcome(call_id, asker)
        if kept is None:
            raise _unknown(call_id)
        return decode_outcome(kept.data or b"")

    async def _admit(
        self, incoming: Incoming, asker: str | None, call: QueuedRequest | None
    ) -> None:
        """Refuse a credential that would not be let make its call any more."""
        if asker is None or call is None:
            return
        if not await self._check.still_may(call, incoming.request.headers):
            raise _unknown(call.call_id)

    def _asker(self, incoming: Incoming, call_id: str) -> str | None:
        """Return whose calls the one who asks may see; None: everybody's."""
        if self._trusted(incoming):
            return None
        owner = self._vault.owner(incoming.request.headers)
        if not owner:
            raise _unknown(call_id)
        return owner


def _unknown(call_id: str) -> NotFound:
    return NotFound(
        f"there is no call {call_id!r} of yours",
        "outcomes are kept for a day; ask with the credential that made the call",
    )


def _shown(outcome: Outcome) -> dict[str, Any]:
    state = "succeeded" if 200 <= outcome.status < 400 else "failed"
    return {
        "state": "cancelled" if outcome.status == CANCELLED else state,
        "status": outcome.status,
        "duration_seconds": round(outcome.seconds, 6),
        "error": outcome.error,
        "headers": {k.decode("latin-1"): v.decode("latin-1") for k, v in outcome.headers},
        "body": outcome.body.decode("utf-8", "replace"),
    }
