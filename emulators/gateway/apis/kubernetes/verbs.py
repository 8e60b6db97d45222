"""The verbs of the Kubernetes API over one collection: read, create, replace, patch, delete."""

import asyncio
import secrets
import time
from typing import Any

import msgspec

from emulators.gateway.apis.kubernetes import patches, protobuf
from emulators.gateway.apis.kubernetes.admission import Admission, warning_fields
from emulators.gateway.apis.kubernetes.collection import Changeable
from emulators.gateway.apis.kubernetes.looking import Looking
from emulators.gateway.apis.kubernetes.objects import (
    SERVER_SET,
    Object,
    check_depth,
    metadata_of,
    name_of,
    namespace_of,
    placed,
    same,
    wanted,
)
from emulators.gateway.apis.kubernetes.resource_versions import ResourceVersions
from emulators.gateway.apis.kubernetes.selectors import Test, selector
from emulators.gateway.apis.kubernetes.tables import is_wanted, table
from emulators.gateway.errors import (
    UNREADABLE,
    Exists,
    Inapplicable,
    Invalid,
    NotFound,
    Stale,
    UnknownFormat,
)
from emulators.gateway.http.bodies import reply
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.kubernetes_status import success
from emulators.gateway.specs.names import canonical, knative_view

_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"  # as generateName's: no word comes out by chance
_STALE = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


class Verbs:
    """Answers requests about the objects of one collection.

    Args:
        collection: Whose objects.
        versions: Gives them versions.
        zero_scale: Whether revisions may begin with no replica.
    """

    def __init__(
        self, collection: Changeable, versions: ResourceVersions, *, zero_scale: bool = False
    ) -> None:
        self.collection = collection
        self.resource = collection.resource
        self._versions = versions
        self._admission = Admission(collection.resource, zero_scale=zero_scale)
        self.looking = Looking(self.current)
        self._lock = asyncio.Lock()  # a check and the change after it are one

    async def list_all(self, incoming: Incoming, namespace: str = "") -> Answer:
        """Return every object that the selectors take."""
        takes = self.taken(incoming, namespace)
        items = [thing for thing in self.current() if takes(thing)]
        if is_wanted(incoming.header(b"accept")):
            return reply(200, self._table(incoming, items))
        head = {"apiVersion": self.resource.api_version, "kind": f"{self.resource.kind}List"}
        metadata = {"resourceVersion": str(self._versions.version)}
        return reply(200, head | {"metadata": metadata, "items": items})

    async def get(self, incoming: Incoming, name: str, namespace: str = "") -> Answer:
        """Return one object."""
        return self._shown(incoming, 200, self._need(namespace, name))

    async def create(self, incoming: Incoming, namespace: str = "") -> Answer:
        """Add an object."""
        asked = self._body(incoming)
        metadata = metadata_of(asked)
        if not metadata.get("name") and metadata.get("generateName"):
            tail = "".join(secrets.choice(_SUFFIX) for _ in range(5))
            asked["metadata"] = metadata | {"name": f"{metadata['generateName']}{tail}"}
        async with self._lock:
            name = name_of(asked)
            if name and self._find(namespace, name) is not None:
                raise Exists(
                    f'{self.resource.qualified} "{name}" already exists',
                    about=self._details(name),
                )
            return await self._write(incoming, asked, namespace, "", {})

    async def replace(self, incoming: Incoming, name: str, namespace: str = "") -> Answer:
        """Change an object to what is sent."""
        asked = self._body(incoming)
        async with self._lock:
            before = self._need(namespace, name)
            return await self._write(incoming, asked, namespace, name, before)

    async def patch(self, incoming: Incoming, name: str, namespace: str = "") -> Answer:
        """Change a part of an object."""
        self._check_format(incoming, name)
        change = self._decoded(incoming)
        async with self._lock:
            before = self._need(namespace, name)
            asked = self._patched(incoming, before, change)
            if same(asked, before):
                return self._shown(incoming, 200, before)
            return await self._write(incoming, asked, namespace, name, before)

    async def delete(self, incoming: Incoming, name: str, namespace: str = "") -> Answer:
        """Remove an object."""
        options = self._decoded(incoming) if incoming.body else {}
        async with self._lock:
            thing = self._need(namespace, name)
            self._check_version(_preconditions(options), thing)
            await self._remove(incoming, thing)
        return reply(200, success(self._details(name) | {"uid": metadata_of(thing)["uid"]}))

    async def delete_all(self, incoming: Incoming, namespace: str = "") -> Answer:
        """Remove every object that the selectors take, unless the options cannot be read."""
        if incoming.body:
            _preconditions(self._decoded(incoming))
        takes = self.taken(incoming, namespace)
        async with self._lock:
            things = [thing for thing in self.current() if takes(thing)]
            for thing in things:
                await self._remove(incoming, thing)
        return reply(200, success({"kind": self.resource.plural, "group": self.resource.group}))

    def current(self) -> list[Object]:
        """Return every object as it is now, with its version."""
        return self._versions.show_all(self.resource.seen_as, self.collection.objects())

    def taken(self, incoming: Incoming, namespace: str) -> Test:
        """Return a test for the objects that a request is about."""
        query = incoming.query
        test = selector(query.get("labelSelector", ""), query.get("fieldSelector", ""))
        space = knative_view(canonical(namespace)) if namespace else ""
        return lambda thing: (not space or namespace_of(thing) == space) and test(thing)

    async def _write(
        self, incoming: Incoming, asked: Object, namespace: str, name: str, before: Object
    ) -> Answer:
        """Bring about what is asked for; answer with the object as it is then."""
        self._check_version(metadata_of(asked) if before else {}, before)
        placed_there = placed(wanted(asked), namespace, name)
        verdict = self._admission.admit(incoming, placed_there, before)
        thing = verdict.thing
        item = self.collection.read(thing)
        if incoming.query.get("dryRun"):
            kept = {k: v for k, v in metadata_of(before).items() if k in SERVER_SET}
            status = {"status": before["status"]} if "status" in before else {}
            after = {**thing, "metadata": metadata_of(thing) | kept, **status}
        else:
            await self.collection.put(item)
            # What becomes of it next is a step of its own to those who watch.
            asyncio.get_running_loop().call_soon(self._find, namespace, name_of(thing))
            after = self._need(namespace, name_of(thing))
        answer = self._shown(incoming, 200 if before else 201, after)
        answer.headers += warning_fields(verdict.warnings)
        return answer

    async def _remove(self, incoming: Incoming, thing: Object) -> None:
        if not incoming.query.get("dryRun"):
            space, name = namespace_of(thing), name_of(thing)
            await self.collection.remove(space, name)
            self._find(space, name)

    def _patched(self, incoming: Incoming, before: Object, change: Any) -> Object:
        if _format(incoming) == patches.JSON:
            after = patches.apply(before, change)
        else:
            after = patches.merge(before, patches.plain(change))
        if not isinstance(after, dict):
            raise Inapplicable("the patch leaves no object", "patch fields, not the whole")
        check_depth(after)
        patches.check_size(after)
        return after

    def _check_format(self, incoming: Incoming, name: str) -> None:
        """Refuse a kind of patch that is not taken; one that is applied may be of nothing yet."""
        kind = _format(incoming)
        known = [patches.MERGE, patches.JSON, *([patches.STRATEGIC] * self.resource.strategic)]
        if kind not in known:
            raise UnknownFormat(
                "the body of the request was in an unknown format - accepted media types "
                f"include: {', '.join(known)}",
                patches.NO_APPLY if kind in patches.APPLY else "",
                about=self._details(name),
            )

    def _check_version(self, given: Object, thing: Object) -> None:
        """Refuse a change of another state of the object than the one that is there."""
        now = metadata_of(thing)
        for key in ("resourceVersion", "uid"):
            if given.get(key) and given[key] != now.get(key):
                raise Stale(
                    f"Operation cannot be fulfilled on {self.resource.qualified} "
                    f'"{name_of(thing)}": {_STALE}',
                    about=self._details(name_of(thing)),
                )

    def _body(self, incoming: Incoming) -> Object:
        asked = self._decoded(incoming)
        if not isinstance(asked, dict):
            raise Invalid("the body is no object", "send one as JSON")
        expected = {"apiVersion": self.resource.api_version, "kind": self.resource.kind}
        found = {key: asked.get(key, expected[key]) for key in expected}
        if found != expected:
            raise Invalid(
                f"{found['apiVersion']} {found['kind']} does not match the address, which is "
                f"for {expected['apiVersion']} {expected['kind']}",
                "send it to its own address",
            )
        return {**asked, **expected}

    def _decoded(self, incoming: Incoming) -> Any:
        if incoming.header(b"content-type").startswith(protobuf.CONTENT_TYPE):
            return protobuf.decode(incoming.body)
        try:
            content = msgspec.json.decode(incoming.body)
        except UNREADABLE as error:
            raise Invalid(f"the body cannot be read: {error}", "send JSON") from error
        check_depth(content)
        return content

    def _find(self, namespace: str, name: str) -> Object | None:
        space = knative_view(canonical(namespace)) if namespace else ""
        key = (self.resource.seen_as, space, name)
        return self._versions.show(key, self.collection.find(space, name))

    def _need(self, namespace: str, name: str) -> Object:
        found = self._find(namespace, name)
        if found is None:
            raise NotFound(
                f'{self.resource.qualified} "{name}" not found', about=self._details(name)
            )
        return found

    def _details(self, name: str) -> dict[str, str]:
        details = {"name": name, "group": self.resource.group, "kind": self.resource.plural}
        return {key: value for key, value in details.items() if value}

    def _shown(self, incoming: Incoming, status: int, thing: Object) -> Answer:
        if is_wanted(incoming.header(b"accept")):
            return reply(status, self._table(incoming, [thing]))
        return reply(status, thing)

    def _table(self, incoming: Incoming, things: list[Object]) -> dict[str, Any]:
        include = incoming.query.get("includeObject", "Metadata")
        version = str(self._versions.version)
        return table(self.resource, things, version, include, time.time())


def _format(incoming: Incoming) -> str:
    """Return the media type of a patch."""
    return incoming.header(b"content-type").partition(";")[0].strip()


def _preconditions(options: Any) -> Object:
    found = options.get("preconditions", {}) if isinstance(options, dict) else None
    if not isinstance(found, dict):
        raise Invalid("the body holds no DeleteOptions", "send an object, or nothing")
    return found
