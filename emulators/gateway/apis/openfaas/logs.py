"""OpenFaaS's API for logs: newline-delimited JSON, followed if asked."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import closing

import msgspec

from emulators.gateway.apis.openfaas.admin import Admin
from emulators.gateway.errors import Elsewhere, Invalid
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.runtimes.logs import LogFile, LogLine
from emulators.gateway.service.functions import Function
from emulators.gateway.service.plane import Plane
from emulators.gateway.specs.durations import moment, whole

_TYPE = "application/x-ndjson"


class Selection(msgspec.Struct, frozen=True):
    """Which lines are wanted."""

    tail: int
    since: str
    instance: str
    follow: bool

    def takes(self, line: LogLine) -> bool:
        """Whether a line is among them."""
        named = not self.instance or line.instance == self.instance
        return named and line.timestamp >= self.since


class LogsApi:
    """The route ``/system/logs``.

    Args:
        plane: The functions.
    """

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def register(self, admin: Admin) -> None:
        """Adds its route."""
        admin.add("GET", "/system/logs", self.read)

    async def read(self, incoming: Incoming) -> Answer:
        """The lines asked for, then those that come."""
        query = incoming.query
        if not query.get("name"):
            raise Invalid("the query names no function", "add name=...")
        function = self._plane.get(query.get("namespace"), query["name"])
        file = self._plane.log_of(function)
        if file is None:
            raise Elsewhere(f"function {function.name!r} runs elsewhere", "its log is kept there")
        selection = Selection(
            tail=whole(query.get("tail", "-1"), "tail", -1, 1_000_000),
            since=moment(query["since"], "since") if query.get("since") else "",
            instance=query.get("instance", ""),
            follow=query.get("follow", "") in ("1", "true"),
        )
        return Answer(200, content_type=_TYPE, pieces=_lines(function, file, selection))


async def _lines(
    function: Function, file: LogFile, selection: Selection
) -> AsyncGenerator[bytes, None]:
    coming: asyncio.Queue[LogLine] = asyncio.Queue(maxsize=10_000)
    with closing(file.listen(coming)):
        past = [line for line in await asyncio.to_thread(file.read) if selection.takes(line)]
        if selection.tail >= 0:
            past = past[len(past) - min(selection.tail, len(past)) :]
        told = Counter(past[-coming.qsize() :] if coming.qsize() else ())
        if past:
            yield b"".join(_encoded(function, line) for line in past)
        while selection.follow:
            line = await coming.get()
            if told[line]:  # it was written while the file was read: it is in both
                told[line] -= 1
            elif selection.takes(line):
                yield _encoded(function, line)


def _encoded(function: Function, line: LogLine) -> bytes:
    message = {
        "name": function.name,
        "namespace": function.namespace,
        "instance": line.instance,
        "timestamp": line.timestamp,
        "text": line.text,
    }
    return msgspec.json.encode(message) + b"\n"
