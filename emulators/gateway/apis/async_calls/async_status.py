"""Asking for, and cancelling, an asynchronous call."""

from collections.abc import Callable
from typing import Any, Protocol

from emulators.gateway.apis.admin import Admin
from emulators.gateway.errors import Cancelled, Conflict, GatewayError, NotFound
from emulators.gateway.http.bodies import reply
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.problems import status_of
from emulators.gateway.model.queued_call import Outcome, decode_outcome
from emulators.gateway.queue.jetstream import JetStreamQueue
from emulators.gateway.queue.vault import Vault

CANCELLED = status_of(Cancelled)


class Running(Protocol):
    """Knows the calls that are being carried out."""

    def is_running(self, call_id: str, owner: str | None) -> bool:
        """Tell whether a call is being carried out now (None: anybody's)."""

    def cancel(self, call_id: str, owner: str | None) -> bool:
        """End a call that is being carried out; False when it is not."""


class AsyncStatusApi:
    """Routes ``/async-function/{call-id}``: GET for state and result, DELETE to cancel.

    They are there for the credential that made the call, and for the gateway's password. To
    everybody else, and to those who show no credential, there is no such call.

    Args:
        queue: Where calls and outcomes lie.
        running: Who carries calls out.
        vault: Knows owners by their credentials.
        trusted: Whether a request carries the password.
    """

    def __init__(
        self,
        queue: JetStreamQueue,
        running: Running,
        vault: Vault,
        trusted: Callable[[Incoming], bool],
    ) -> None:
        self._queue = queue
        self._running = running
        self._vault = vault
        self._trusted = trusted

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("GET", "/async-function/{call_id}", self.status)
        admin.add("DELETE", "/async-function/{call_id}", self.cancel)

    async def status(self, incoming: Incoming, call_id: str) -> Answer:
        """Tell whether it is queued, running or over (and how); once over, with the result."""
        owner = self._asker(incoming, call_id)
        if self._running.is_running(call_id, owner):
            return reply(200, {"call_id": call_id, "state": "running"})
        if await self._unfinished(call_id, owner) is not None:
            return reply(200, {"call_id": call_id, "state": "queued"})
        kept = await self._queue.outcome(call_id, owner)
        if kept is None:
            raise _unknown(call_id)
        return reply(200, {"call_id": call_id, **_shown(decode_outcome(kept.data or b""))})

    async def cancel(self, incoming: Incoming, call_id: str) -> Answer:
        """Take a call out of the queue, or end it where it is."""
        asker = self._asker(incoming, call_id)
        if not self._running.cancel(call_id, asker):
            found = await self._unfinished(call_id, asker)
            if found is None:
                raise await self._too_late(call_id, asker)
            place, owner = found
            # In this order: where the queue's server fails between the two, the call is still
            # there, to be cancelled again.
            await self._queue.record(call_id, owner, Outcome(CANCELLED, error="cancelled"))
            if not self._running.cancel(call_id, owner):  # it may have begun meanwhile
                await self._queue.discard(place)
        return Answer(202)

    async def _unfinished(self, call_id: str, asker: str | None) -> tuple[int, str] | None:
        """Return the place and the owner of a call in the queue that has no outcome yet.

        One with an outcome is still there until its callback is made.
        """
        found = await self._queue.find(call_id, asker)
        while found is not None and await self._queue.ended(call_id, *found):
            found = await self._queue.find(call_id, asker, after=found[0])
        return found

    async def _too_late(self, call_id: str, asker: str | None) -> GatewayError:
        if await self._queue.outcome(call_id, asker) is None:
            return _unknown(call_id)
        return Conflict(f"the call {call_id!r} has ended", "ask for its outcome with GET")

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
