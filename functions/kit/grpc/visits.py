"""A call that was let in: it takes its messages in when there is room for them."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc

from functions.kit.grpc.endings import end
from functions.kit.grpc.room import Room

SECONDS = 60.0
"""That a message has to come in, from when it is waited for."""


class Visit:
    """A call that was let in, and the bytes that it holds.

    Args:
        who: makes it.
        room: for its messages.
        most_bytes: of a message.
        leave: is told `who` when it is over.
    """

    __slots__ = ("_held", "_leave", "_most", "_room", "_who")

    def __init__(self, who: str, room: Room, most_bytes: int, leave: Callable[[str], None]) -> None:
        self._who = who
        self._room = room
        self._most = most_bytes
        self._leave = leave
        self._held = 0

    async def read(self, context: grpc.aio.ServicerContext) -> bytes | None:
        """Return the next message, in place of the last one; None where the client ended them.

        Raises:
            AbortError: it did not come in time, and the call has ended.
            CancelledError: the call broke off.
        """
        self._release()
        await self._room.take(self._who, self._most)
        self._held = self._most
        found = await received(context)
        self._held = len(found or b"")
        if self._held < self._most:
            self._room.give(self._who, self._most - self._held)
        return found

    def leave(self) -> None:
        """End the call, and give back what it holds."""
        self._release()
        self._leave(self._who)

    def _release(self) -> None:
        if self._held:
            self._room.give(self._who, self._held)
            self._held = 0


async def received(
    context: grpc.aio.ServicerContext,
    seconds: float = SECONDS,
    needed: Callable[[], bool] = lambda: True,
) -> bytes | None:
    """Return a call's next message as it came; None where its client has ended them.

    gRPC ends messages that broke off as it ends whole ones, and says some time later that the call
    is cancelled. But nothing can be sent on a call that is no more: a first answer, which is
    empty, tells the two apart, whatever comes first.

    Args:
        context: of the call.
        seconds: that the message has to come in.
        needed: tells whether others need the place of one that is late; if not, it may be so.

    Raises:
        AbortError: it did not come in time, and the call has ended.
        CancelledError: the call broke off.
    """
    task: Any = asyncio.current_task()
    loop = asyncio.get_running_loop()
    waits: asyncio.TimerHandle

    def late() -> None:
        nonlocal waits
        if needed():
            why = f"The message did not come within {seconds:g} s; send it faster, or in pieces."
            end(context, task, grpc.StatusCode.DEADLINE_EXCEEDED, why)
        else:
            waits = loop.call_later(seconds, late)

    waits = loop.call_later(seconds, late)
    try:
        found: Any = await context.read()
    finally:
        waits.cancel()
    if found is not grpc.aio.EOF:
        return bytes(found)
    try:
        await context.send_initial_metadata(())
    except grpc.aio.InternalError as error:
        raise asyncio.CancelledError("The call broke off.") from error
    return None
