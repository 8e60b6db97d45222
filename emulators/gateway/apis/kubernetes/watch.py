"""Watches: a stream of what changes about the objects of one collection."""

import re
import time
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import msgspec

from emulators.gateway.apis.kubernetes.objects import Object
from emulators.gateway.apis.kubernetes.resource_versions import ResourceVersions, event
from emulators.gateway.apis.kubernetes.selectors import Test
from emulators.gateway.apis.kubernetes.tables import is_wanted, table
from emulators.gateway.apis.kubernetes.verbs import Verbs
from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.kubernetes_status import failure
from emulators.gateway.specs.durations import seconds

LONGEST = 3600.0
_VERSION = re.compile(r"[0-9]{1,18}")
_END_OF_LIST = {"k8s.io/initial-events-end": "true"}


class Watch:
    """One client's watch.

    Args:
        verbs: Of the collection.
        versions: Knows what changed since which version.
        incoming: The request.
        takes: Which objects it is about.
    """

    def __init__(
        self, verbs: Verbs, versions: ResourceVersions, incoming: Incoming, takes: Test
    ) -> None:
        self._verbs = verbs
        self._versions = versions
        self._takes = takes
        query = incoming.query
        self._version = query.get("resourceVersion", "")
        self._lists = query.get("sendInitialEvents") == "true" or self._version in ("", "0")
        self._marks = query.get("sendInitialEvents") == "true"
        self._include = query.get("includeObject", "Metadata")
        self._tables = is_wanted(incoming.header(b"accept"))
        limit = seconds(query.get("timeoutSeconds", str(LONGEST)), "timeoutSeconds")
        self._until = time.monotonic() + min(limit, LONGEST)
        self._headed = False

    def answer(self) -> Answer:
        """Return the stream.

        Raises:
            Invalid: For what is no version.
            Expired: For one whose changes are forgotten.
        """
        if self._lists:
            return Answer(200, pieces=self._stream(None))
        if not _VERSION.fullmatch(self._version):
            raise Invalid(f"resourceVersion: {self._version!r}", "take it from a list")
        self._versions.since(int(self._version), self._verbs.resource.seen_as)
        return Answer(200, pieces=self._stream(int(self._version)))

    async def _stream(self, version: int | None) -> AsyncGenerator[bytes, None]:
        if version is None:
            things = self._verbs.current()
            version = self._versions.version
            lines = [self._line("ADDED", thing) for thing in things if self._takes(thing)]
            if self._marks:
                lines.append(self._mark(version))
            if lines:
                yield b"".join(lines)
        self._verbs.current()
        while time.monotonic() < self._until:
            try:
                lines = list(self._changes(version))
            except GatewayError as error:  # it fell too far behind
                yield _encoded("ERROR", failure(error))
                return
            version = self._versions.version
            if lines:
                yield b"".join(lines)
            await self._verbs.looking.turn()

    def _changes(self, version: int) -> Iterator[bytes]:
        for change in self._versions.since(version, self._verbs.resource.seen_as):
            found = event(change, self._takes)
            if found is not None:
                yield self._line(*found)

    def _line(self, kind: str, thing: Object) -> bytes:
        if not self._tables:
            return _encoded(kind, thing)
        version = thing["metadata"]["resourceVersion"]
        row = table(self._verbs.resource, [thing], version, self._include, time.time())
        if self._headed:  # as the real server: only the first one says what the columns are
            row["columnDefinitions"] = None
        self._headed = True
        return _encoded(kind, row)

    def _mark(self, version: int) -> bytes:
        resource = self._verbs.resource
        metadata = {"resourceVersion": str(version), "annotations": _END_OF_LIST}
        head = {"kind": resource.kind, "apiVersion": resource.api_version}
        return _encoded("BOOKMARK", head | {"metadata": metadata})


def _encoded(kind: str, thing: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"type": kind, "object": thing}) + b"\n"
