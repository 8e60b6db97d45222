"""OpenFaaS's API for logs: newline-delimited JSON, followed if asked."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from emulators.gateway.apis.admin import Admin
from emulators.gateway.errors import Elsewhere, Invalid
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.service.following import Selection, follow, kept
from emulators.gateway.service.logs import LogFile, LogLine
from emulators.gateway.specs.durations import moment, whole

_TYPE = "application/x-ndjson"


class LogsApi:
    """The route ``/system/logs``.

    Args:
        plane: The functions.
    """

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def register(self, admin: Admin) -> None:
        """Add its route."""
        admin.add("GET", "/system/logs", self.read)

    async def read(self, incoming: Incoming) -> Answer:
        """Return the lines asked for, then those that come."""
        query = incoming.query
        if not query.get("name"):
            raise Invalid("the query names no function", "add name=...")
        function = self._plane.get(query.get("namespace"), query["name"])
        file = self._plane.log_of(function)
        if file is None:
            raise Elsewhere(f"function {function.name!r} runs elsewhere", "its log is kept there")
        wanted = Selection(
            query.get("instance", ""),
            since=moment(query["since"], "since") if query.get("since") else "",
            tail=whole(query.get("tail", "-1"), "tail", -1, 1_000_000),
        )
        follows = query.get("follow", "") in ("1", "true")
        pieces = _lines(function, file, wanted) if follows else _kept(function, file, wanted)
        return Answer(200, content_type=_TYPE, pieces=pieces)


async def _kept(
    function: Function, file: LogFile, wanted: Selection
) -> AsyncGenerator[bytes, None]:
    lines = await kept(file, wanted)
    if lines:
        yield _encoded(function, lines)


async def _lines(
    function: Function, file: LogFile, wanted: Selection
) -> AsyncGenerator[bytes, None]:
    """Go on until the client leaves, or the gateway ends."""
    async with aclosing(follow(file, wanted, lambda: True)) as pieces:
        async for lines in pieces:
            yield _encoded(function, lines)


def _encoded(function: Function, lines: list[LogLine]) -> bytes:
    named = {"name": function.name, "namespace": function.namespace}
    return msgspec.json.Encoder().encode_lines(
        [named | {"instance": x.instance, "timestamp": x.timestamp, "text": x.text} for x in lines]
    )
