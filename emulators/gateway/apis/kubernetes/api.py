"""The Kubernetes API: its routes, what it offers, and its one shape of refusals."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from emulators.gateway.apis.admin import Admin, Handler
from emulators.gateway.apis.kubernetes import discovery, refused
from emulators.gateway.apis.kubernetes.admission import warning_fields
from emulators.gateway.apis.kubernetes.collection import Changeable
from emulators.gateway.apis.kubernetes.resource_versions import ResourceVersions
from emulators.gateway.apis.kubernetes.verbs import Verbs
from emulators.gateway.apis.kubernetes.watch import Watch
from emulators.gateway.errors import GatewayError
from emulators.gateway.http.bodies import reply
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.kubernetes_status import failure
from emulators.gateway.http.problems import status_of

# An OpenAPI document without definitions: clients that check objects against it leave that to us.
_OPENAPI_V2 = {"swagger": "2.0", "info": {"title": "Mayfly", "version": "1"}, "paths": {}}
_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"


class KubernetesApi:
    """Serves collections to kubectl and the official client libraries.

    Args:
        collections: The kinds of objects, each once.
        versions: Gives objects their versions.
        zero_scale: Whether revisions may begin with no replica.
    """

    def __init__(
        self,
        collections: Sequence[Changeable],
        versions: ResourceVersions,
        *,
        zero_scale: bool = False,
    ) -> None:
        self._versions = versions
        self._verbs = [Verbs(each, versions, zero_scale=zero_scale) for each in collections]
        self._resources = [collection.resource for collection in collections]
        self._told = [*self._resources, *(missing.resource for missing in refused.MISSING)]

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        self._register_discovery(admin)
        for verbs in self._verbs:
            resource = verbs.resource
            listed = self._listed(verbs)
            bases = [f"{resource.base}/{resource.plural}"]
            if resource.namespaced:
                admin.add("GET", bases[0], answered(listed))
                bases = [f"{resource.base}/namespaces/{{namespace}}/{resource.plural}"]
            for base in bases:
                self._register(admin, verbs, base, listed)
        refused.register(admin, answered)

    def _register(self, admin: Admin, verbs: Verbs, base: str, listed: Handler) -> None:
        routes: dict[str, tuple[str, str, Handler]] = {
            "list": ("GET", base, listed),
            "create": ("POST", base, verbs.create),
            "deletecollection": ("DELETE", base, verbs.delete_all),
            "get": ("GET", base + "/{name}", verbs.get),
            "update": ("PUT", base + "/{name}", verbs.replace),
            "patch": ("PATCH", base + "/{name}", verbs.patch),
            "delete": ("DELETE", base + "/{name}", verbs.delete),
        }
        for verb, (method, pattern, handler) in routes.items():
            if verb in verbs.resource.verbs:
                admin.add(method, pattern, _warned(answered(handler), verbs.resource.deprecated))

    def _register_discovery(self, admin: Admin) -> None:
        # Some clients write these addresses with a slash at the end.
        admin.add("GET", "/version/?", _always(discovery.VERSION))
        admin.add("GET", "/api/?", _always(discovery.versions()))
        admin.add("GET", "/apis/?", _always(discovery.groups(self._told)))
        for name in dict.fromkeys(r.group for r in self._told if r.group):
            admin.add("GET", f"/apis/{name}/?", _always(discovery.group(name, self._told)))
        for base, version in dict.fromkeys((r.base, r.api_version) for r in self._told):
            admin.add("GET", base + "/?", _always(discovery.listing(version, self._told)))
        admin.add("GET", "/openapi/v2", _openapi_v2)
        admin.add("GET", "/openapi/v3", _openapi_v3)

    def _listed(self, verbs: Verbs) -> Handler:
        async def handle(incoming: Incoming, namespace: str = "") -> Answer:
            if incoming.query.get("watch") in ("1", "true"):
                takes = verbs.taken(incoming, namespace)
                return Watch(verbs, self._versions, incoming, takes).answer()
            return await verbs.list_all(incoming, namespace)

        return handle


def answered(handler: Handler) -> Callable[..., Awaitable[Answer]]:
    """Return the handler, with what it refuses told as a Status."""

    async def handle(incoming: Incoming, **parts: str) -> Answer:
        try:
            refused.check_command(incoming)
            return await handler(incoming, **parts)
        except GatewayError as error:
            return reply(status_of(type(error)), failure(error))

    return handle


def _warned(handler: Handler, warning: str) -> Handler:
    """Return the handler, with a warning to whoever uses what is deprecated."""
    if not warning:
        return handler

    async def handle(incoming: Incoming, **parts: str) -> Answer:
        answer = await handler(incoming, **parts)
        answer.headers += warning_fields([warning])
        return answer

    return handle


def _always(content: Any) -> Handler:
    body = msgspec.json.encode(content)

    async def handle(_: Incoming) -> Answer:
        return Answer(200, body)

    return handle


async def _openapi_v3(incoming: Incoming) -> Answer:
    return refused.explanation(incoming) or reply(200, {"paths": {}})


async def _openapi_v2(incoming: Incoming) -> Answer:
    explanation = refused.explanation(incoming)
    if explanation is not None:
        return explanation
    if "protobuf" in incoming.header(b"accept"):
        return Answer(200, b"", _PROTOBUF)  # the empty message: no definitions
    return reply(200, _OPENAPI_V2)
