"""The queue on NATS JetStream: accepted means on disk at the server."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec
import nats
import nats.errors
import nats.js.errors
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, RawStreamMsg

from emulators.gateway.errors import Away, GatewayError
from emulators.gateway.model.queued_call import (
    Outcome,
    QueuedRequest,
    Waiting,
    encode,
    encode_outcome,
    read_or_empty,
)
from emulators.gateway.queue.streams import CALLS, OUTCOMES, stream_configs
from emulators.gateway.queue.subjects import (
    CALL_SUBJECT,
    DEAD_SUBJECT,
    call_subject,
    calls_of,
    function_in,
    outcome_subject,
)
from emulators.gateway.tasks import cancelled

if TYPE_CHECKING:
    from nats.aio.client import Client

log = structlog.get_logger()

_OUTCOME_BODY = 64 * 1024
_PUBLISH_LIMIT = 5.0
_PATIENCE = 1.0
_CALL_PLACE = "Mayfly-Call-Place"  # of an outcome: its call's place in the queue
_RECONNECT_WAIT = 0.25
_ENVELOPE_ROOM = 128 * 1024  # of a message, for what surrounds the body
_FIELDS_ROOM = 1024  # of a message, for its header in NATS: an id that is known again
_UNLIMITED_PENDING = 1_000_000  # calls that wait for a retry must not hold back others

Key = tuple[str, str]
OnConnected = Callable[[list[Key]], Awaitable[None]]
T = TypeVar("T")
Pull = JetStreamContext.PullSubscription


class JetStreamQueue:
    """Publishes calls and hands out subscriptions.

    Args:
        url: The server's address.
        ack_wait: Seconds after which an unacknowledged call is delivered again.
        token: What the server wants to see from its clients; empty for nothing.
    """

    def __init__(self, url: str, ack_wait: float, token: str = "") -> None:
        self.connected = asyncio.Event()
        self.epoch = 0  # raised by each (re)connection: older subscriptions are of no use
        self.ack_wait = ack_wait
        self._url = url
        self._token = token or None
        self._refused = False  # whether it was said that the token is not taken
        self._client: Client | None = None
        self._opening: asyncio.Task[None] | None = None

    def open(self, on_connected: OnConnected) -> None:
        """Connect in the background, and for ever again.

        Args:
            on_connected: Told after each (re)connection the functions that have calls waiting.
        """
        self._opening = asyncio.get_running_loop().create_task(self._connect(on_connected))

    async def close(self) -> None:
        """Hang up."""
        self.connected.clear()
        if self._opening is not None:
            await cancelled(self._opening)
        if self._client is not None and not self._client.is_closed:
            with contextlib.suppress(nats.errors.Error, TimeoutError):
                await self._client.flush(timeout=1)  # the last acknowledgements
            # It writes what is left to send, which uvloop refuses where the server is gone.
            with contextlib.suppress(RuntimeError):
                await self._client.close()

    @property
    def largest_body(self) -> int:
        """Most bytes of body that a message can carry."""
        size = self.largest_message + _FIELDS_ROOM
        return max(size - _ENVELOPE_ROOM, size // 2)

    @property
    def largest_message(self) -> int:
        """Most bytes of a message, without the few of NATS's own fields."""
        return (self._client.max_payload if self._client else 1 << 20) - _FIELDS_ROOM

    async def publish(self, key: Key, request: QueuedRequest) -> None:
        """Put a call into the queue; when this returns it is on disk.

        Args:
            key: Its function's namespace and name.
            request: The call as it may lie on disk, with its owner's name.

        Raises:
            Away: When the server is away or does not confirm.
        """
        subject = call_subject(key, request.call_id, request.owner)
        await self.put(subject, encode(request), {})

    async def bury(self, key: Key, data: bytes, why: dict[str, str]) -> None:
        """Put a call that failed for good on the dead-letter subject."""
        await self.put(f"{DEAD_SUBJECT}.{key[0]}.{key[1]}", data, why)

    async def subscribe(self, key: Key) -> Pull:
        """Return the one durable subscription to a function's calls."""
        return await self.pull(CALLS, calls_of(key), f"{key[0]}_{key[1]}_calls")

    async def pull(self, stream: str, subject: str, durable: str) -> Pull:
        """Return a durable subscription of its own kind.

        One that is there is given the subject anew: an earlier version's may have had another.
        """
        context = self._context()
        config = ConsumerConfig(
            name=durable,
            durable_name=durable,
            filter_subject=subject,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self.ack_wait,
            max_deliver=-1,
            max_ack_pending=_UNLIMITED_PENDING,
        )
        await context.add_consumer(stream, config)
        return await context.pull_subscribe_bind(durable, stream)

    async def drop(self, stream: str, subject: str, durable: str) -> None:
        """Forget a subscription and what waits for it."""
        context = self._context()
        with contextlib.suppress(nats.js.errors.NotFoundError):
            await self._asked(context.delete_consumer(stream, durable))
        await self._asked(context.purge_stream(stream, subject=subject))

    async def waiting(self, stream: str, prefix: str) -> dict[str, int]:
        """Count the messages that wait in a stream, for each subject below a prefix."""
        info = await self._asked(self._context().stream_info(stream, subjects_filter=f"{prefix}.>"))
        return dict(info.state.subjects or {})

    async def depths(self) -> dict[Key, int]:
        """Return calls in the queue for each function (those being carried out included)."""
        found: dict[Key, int] = {}
        for subject, count in (await self.waiting(CALLS, CALL_SUBJECT)).items():
            key = function_in(subject)
            found[key] = found.get(key, 0) + count
        return found

    async def record(self, request: QueuedRequest, outcome: Outcome, place: int = 0) -> None:
        """Keep a call's outcome for those who ask (for a day; large bodies cut short).

        The call's place in the queue tells that it has ended; 0: it may yet be cancelled.
        """
        kept = outcome.body[: min(_OUTCOME_BODY, self.largest_body)]
        outcome = msgspec.structs.replace(outcome, body=kept)
        subject = outcome_subject(request.call_id, request.owner)
        await self.put(subject, encode_outcome(outcome, request), {_CALL_PLACE: str(place)})

    async def outcome(self, call_id: str, owner: str | None) -> RawStreamMsg | None:
        """Return a call's outcome as its owner's (None: anybody's) is kept, or None."""
        subject = outcome_subject(call_id, owner)
        with contextlib.suppress(nats.js.errors.NotFoundError):
            return await self._asked(self._context().get_last_msg(OUTCOMES, subject))
        return None

    async def ended(self, place: int, request: QueuedRequest) -> bool:
        """Tell whether the outcome of the call at this place in the queue is kept."""
        message = await self.outcome(request.call_id, request.owner)
        return message is not None and (message.headers or {}).get(_CALL_PLACE) == str(place)

    async def find(self, call_id: str, owner: str | None, after: int = 0) -> Waiting | None:
        """Return the place in the queue of a call that is not finished, and the call.

        Args:
            call_id: The call's id; several calls may share it.
            owner: Whose call it must be; None: anybody's.
            after: The place that it must come after.
        """
        subject = call_subject(("*", "*"), call_id, owner)
        try:
            message = await self._asked(
                self._context().get_msg(CALLS, after + 1, subject, next=True)
            )
        except nats.js.errors.NotFoundError:
            return None
        return message.seq or 0, read_or_empty(message.data or b"", call_id)

    async def discard(self, sequence: int) -> None:
        """Take a call out of the queue."""
        await self._asked(self._context().delete_msg(CALLS, sequence))

    async def _asked(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except nats.js.errors.NotFoundError:
            raise
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _away(self._url, str(error) or type(error).__name__) from error

    def _context(self) -> JetStreamContext:
        if self._client is None or not self._client.is_connected:
            raise _away(self._url, "not connected")
        return self._client.jetstream(timeout=_PUBLISH_LIMIT)

    async def put(self, subject: str, data: bytes, headers: dict[str, str]) -> None:
        """Publish; when this returns it is on disk. ``Nats-Msg-Id`` is made where not given.

        Raises:
            Away: When the server is away or does not confirm.
        """
        # The id is new for each message: a caller's X-Call-Id may rightly come twice.
        named = {"Nats-Msg-Id": secrets.token_hex(12), **headers}
        if not self.connected.is_set():  # it may be (re)connecting at this moment
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.connected.wait(), _PATIENCE)
        try:
            await self._context().publish(subject, data, headers=named)
        except (nats.errors.Error, TimeoutError, OSError) as error:
            raise _away(self._url, str(error) or type(error).__name__) from error

    async def _connect(self, on_connected: OnConnected) -> None:
        async def found() -> None:
            await self._found(on_connected)

        while True:
            try:
                self._client = await nats.connect(
                    self._url, token=self._token, max_reconnect_attempts=-1,
                    reconnect_time_wait=_RECONNECT_WAIT, connect_timeout=2,
                    ping_interval=10, max_outstanding_pings=2,
                    error_cb=self._heard, disconnected_cb=self._lost, reconnected_cb=found,
                )  # fmt: skip
                break
            except (nats.errors.Error, TimeoutError, OSError):
                await asyncio.sleep(_RECONNECT_WAIT)
        await found()

    async def _heard(self, error: Exception) -> None:
        """Say once that the server does not take the token: it is asked again, but in vain."""
        log.debug("queue connection", error=str(error))
        if "Authorization Violation" in str(error) and not self._refused:
            self._refused = True
            log.error(
                "the queue's server refuses the gateway's token",
                url=self._url,
                remedy="set NATS_TOKEN_FILE to the file of the server's token",
            )

    async def _lost(self) -> None:
        self.connected.clear()
        log.warning("the queue's server is away", url=self._url)

    async def _found(self, on_connected: OnConnected) -> None:
        while True:
            try:
                await on_connected(await self._prepare())
                break
            except (nats.errors.Error, nats.js.errors.Error, GatewayError, TimeoutError) as error:
                log.warning("the queue's server is not ready", url=self._url, error=str(error))
                await asyncio.sleep(_RECONNECT_WAIT)
        log.info("connected to the queue's server", url=self._url)

    async def _prepare(self) -> list[Key]:
        """Make the streams; give the functions that have calls waiting."""
        context = self._context()
        for config in stream_configs():
            await context.add_stream(config)
        waiting = list(await self.depths())
        self.epoch += 1
        self.connected.set()
        return waiting


def _away(url: str, why: str) -> Away:
    return Away(
        f"the queue is away: NATS at {url}: {why}",
        "start it (python -m emulators.broker) and send the call again",
        retry_after=1,
    )


__all__ = ["JetStreamQueue", "Key", "Msg", "Pull"]
