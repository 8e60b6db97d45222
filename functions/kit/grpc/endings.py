"""Ends calls from beside: their handlers wait, for a message or for what never comes."""

import asyncio
from typing import Any

import grpc

_ending: set[asyncio.Task[None]] = set()


def end(
    context: grpc.aio.ServicerContext, task: asyncio.Task[Any], code: grpc.StatusCode, why: str
) -> None:
    """Begin to end a call whose handler runs in `task`.

    The status goes out first: with it a message that is waited for ends, and what came of it is
    freed. One whose wait is cancelled is not.
    """
    found = asyncio.ensure_future(_end(context, task, code, why))
    _ending.add(found)
    found.add_done_callback(_ending.discard)


async def _end(
    context: grpc.aio.ServicerContext, task: asyncio.Task[Any], code: grpc.StatusCode, why: str
) -> None:
    try:
        await context.abort(code, why)
    except (grpc.aio.BaseError, grpc.aio.AbortError):  # the first is: it has ended by itself
        task.cancel()
