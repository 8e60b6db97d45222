"""Asking for, and cancelling, an asynchronous call."""

from typing import Any, Protocol

from emulators.gateway.errors import GatewayError
from emulators.gateway.queue.envelope import Outcome, decode_outcome
from emulators.gateway.queue.jetstream import JetStreamQueue
from emulators.gateway.transport.admin import Admin
from emulators.gateway.transport.bodies import reply
from emulators.gateway.transport.buffered import Answer, Incoming

CANCELLED = 499


class Running(Protocol):
    """Knows the calls that are being carried out."""

    def is_running(self, call_id: str) -> bool:
        """Whether a call is being carried out now."""

    def cancel(self, call_id: str) -> bool:
        """Ends a call that is being carried out; False when it is not."""


class AsyncStatusApi:
    """Routes ``/async-function/{call-id}``: GET for state and result, DELETE to cancel.

    Args:
        queue: Where calls and outcomes lie.
        running: Who carries calls out.
    """

    def __init__(self, queue: JetStreamQueue, running: Running) -> None:
        self._queue = queue
        self._running = running

    def register(self, admin: Admin) -> None:
        """Adds its routes."""
        admin.add("GET", "/async-function/{call_id}", self.status)
        admin.add("DELETE", "/async-function/{call_id}", self.cancel)

    async def status(self, _: Incoming, call_id: str) -> Answer:
        """queued, running, succeeded, failed or cancelled; with the result once there is one."""
        if self._running.is_running(call_id):
            return reply(200, {"call_id": call_id, "state": "running"})
        if await self._queue.find(call_id) is not None:
            return reply(200, {"call_id": call_id, "state": "queued"})
        data = await self._queue.outcome(call_id)
        if data is None:
            raise _unknown(call_id)
        return reply(200, {"call_id": call_id, **_shown(decode_outcome(data))})

    async def cancel(self, _: Incoming, call_id: str) -> Answer:
        """Takes a call out of the queue, or ends it where it is."""
        if not self._running.cancel(call_id):
            sequence = await self._queue.find(call_id)
            if sequence is None:
                raise _unknown(call_id)
            await self._queue.discard(sequence)
            await self._queue.record(call_id, Outcome(CANCELLED, error="cancelled"))
        return Answer(202)


def _unknown(call_id: str) -> GatewayError:
    return GatewayError(404, f"there is no call {call_id!r}", "outcomes are kept for a day")


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
