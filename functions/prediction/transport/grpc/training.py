"""The service `mayfly.v1.Training`: what `datasets` and `training` do, for who speaks gRPC."""

import secrets
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from functions.kit.contract.errors import Away, Unreadable
from functions.kit.grpc.calls import Metadata
from functions.kit.grpc.handlers import Service
from functions.kit.grpc.schemas import Message, Schemas, filled, plain
from functions.prediction.service.functions import Asking, Functions

NAME = "mayfly.v1.Training"
PASSED_ON = frozenset(("authorization", "x-api-key", "x-workspace"))
"""What of a call's metadata says who calls: theirs is the right to what is asked."""
JSON = "application/json"
ENDED = frozenset(("succeeded", "failed", "cancelled"))
DEFAULT_TYPE = "text/csv"


class Training:
    """Answers the service's methods.

    Args:
        schemas: has its messages.
        functions: are called.
    """

    def __init__(self, schemas: Schemas, functions: Functions) -> None:
        self._functions = functions
        self._dataset = schemas.message("mayfly.v1.Dataset")
        self._job = schemas.message("mayfly.v1.Job")

    def served(self) -> Service:
        """Return the service, as a server takes it."""
        return Service(
            NAME,
            {
                "UploadDataset": self.upload_dataset,
                "GetDataset": self.get_dataset,
                "StartJob": self.start_job,
                "GetJob": self.get_job,
                "WatchJob": self.watch_job,
                "CancelJob": self.cancel_job,
            },
        )

    async def upload_dataset(self, messages: AsyncIterator[Message], metadata: Metadata) -> Message:
        """Upload a file as it comes, as a form: one that breaks off is no whole one."""
        first = await anext(aiter(messages), None)
        if first is None:
            raise Unreadable("No message came: the first says what the dataset is called.")
        boundary = secrets.token_hex(16)
        query = f"?{urlencode({'name': first.name})}" if first.name else ""
        asking = _asking(metadata, "datasets", "POST", f"/datasets{query}", first.idempotency_key)
        asking.headers["content-type"] = f"multipart/form-data; boundary={boundary}"
        answer = await self._functions.send(asking, _form(boundary, first, messages))
        return _message(self._dataset, answer)

    async def get_dataset(self, message: Message, metadata: Metadata) -> Message:
        """Tell how a dataset stands."""
        asking = _asking(metadata, "datasets", "GET", f"/datasets/{quote(message.id, safe='')}")
        return _message(self._dataset, await self._functions.ask(asking))

    async def start_job(self, message: Message, metadata: Metadata) -> Message:
        """Begin a training."""
        asking = _asking(metadata, "training", "POST", "/jobs", message.idempotency_key)
        asking.headers["content-type"] = JSON
        body = msgspec.json.encode(_wanted(message))
        return _message(self._job, await self._functions.ask(asking, body))

    async def get_job(self, message: Message, metadata: Metadata) -> Message:
        """Tell how a training stands."""
        asking = _asking(metadata, "training", "GET", _job(message))
        return _message(self._job, await self._functions.ask(asking))

    async def watch_job(self, message: Message, metadata: Metadata) -> AsyncIterator[Message]:
        """Give a job as it is, then at each change, until it has ended.

        Streams of events have an end of their own; they are asked for again till then.
        """
        asking = _asking(metadata, "training", "GET", f"{_job(message)}/events")
        asking.headers["accept"] = "text/event-stream"
        told = self._job()
        while told.state not in ENDED:
            came = False
            async for data in self._functions.events(asking):
                came, found = True, _message(self._job, data)
                if found != told:
                    yield found
                told = found
            if not came:
                raise Away(f"training tells nothing of the job '{message.id}'.")

    async def cancel_job(self, message: Message, metadata: Metadata) -> Message:
        """End a training."""
        asking = _asking(metadata, "training", "POST", f"{_job(message)}/cancel")
        return _message(self._job, await self._functions.ask(asking))


def _asking(
    metadata: Metadata, function: str, method: str, path: str, idempotency_key: str = ""
) -> Asking:
    headers = {name: str(value) for name, value in metadata if name in PASSED_ON}
    if idempotency_key:
        if not (idempotency_key.isascii() and idempotency_key.isprintable()):
            raise Unreadable(f"idempotency_key {idempotency_key[:80]!r} is not printable ASCII.")
        headers["idempotency-key"] = idempotency_key
    return Asking(function, method, path, headers)


def _job(message: Message) -> str:
    return f"/jobs/{quote(message.id, safe='')}"


def _wanted(message: Message) -> dict[str, Any]:
    """Return the body of a training's start; what is empty is left to `training`."""
    named = {name: getattr(message, name) for name in ("dataset", "target", "model", "budget")}
    given = {name: value for name, value in named.items() if value}
    options = plain(message.options)
    twice = sorted(given.keys() & options.keys())
    if twice:
        raise Unreadable(f"options has {', '.join(twice)}, which the message has by itself.")
    return {**_whole_numbers(options), **given}


def _whole_numbers(value: Any) -> Any:
    """Return values with integers where they are whole: a Struct has floats alone."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {name: _whole_numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(one) for one in value]
    return value


async def _form(
    boundary: str, first: Message, messages: AsyncIterator[Message]
) -> AsyncIterator[bytes]:
    """Yield the file as the field of a form."""
    kind = first.content_type or DEFAULT_TYPE
    if not kind.isprintable():
        raise Unreadable(f"content_type {kind!r} is no media type.")
    yield (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="upload"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    ).encode()
    yield first.chunk
    async for one in messages:
        yield one.chunk
    yield f"\r\n--{boundary}--\r\n".encode()


def _message(kind: type[Message], answer: bytes) -> Message:
    """Return what a function tells as a message: its fields are named as the answer's members."""
    return filled(kind, msgspec.json.decode(answer))
