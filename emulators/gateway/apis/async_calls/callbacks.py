"""Callbacks: where they may go, and what they carry."""

import msgspec
import structlog

from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.http import client
from emulators.gateway.http.guarded_client import Outward
from emulators.gateway.http.heads import HOP_BY_HOP, Headers
from emulators.gateway.model.addresses import AddressError, Target, read_url
from emulators.gateway.model.queued_call import Outcome, QueuedRequest, is_callers_own
from emulators.gateway.model.routing import Route, by_address, by_path
from emulators.gateway.proxy.calls import Calls
from emulators.gateway.proxy.inner_call import InnerCall
from emulators.gateway.queue.vault import CREDENTIALS
from emulators.gateway.service.deployments.plane import Plane

log = structlog.get_logger()

LIMIT = 30.0  # seconds
# An answer's fields that would say who is asking, or what for, were they a request's.
_DROPPED = HOP_BY_HOP | CREDENTIALS | {
    b"host", b"content-length", b"expect", b"forwarded", b"set-cookie", b"x-call-id",
    b"x-callback-url", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto",
    b"x-function-name", b"x-function-status", b"x-duration-seconds", b"x-start-time",
}  # fmt: skip
_RIGHTS = CREDENTIALS | {b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"}
_OPENFAAS_PORT = 8080
_OPENFAAS_NAMES = frozenset(  # the gateway as functions written for OpenFaaS call it
    ("gateway", "gateway.openfaas", "gateway.openfaas.svc", "gateway.openfaas.svc.cluster.local")
)


class OwnAddress(msgspec.Struct, frozen=True):
    """The gateway's own, as callers spell it."""

    host: str
    port: int

    def function(self, target: Target) -> str:
        """Return the function of this gateway that a URL leads to; empty for an address elsewhere.

        Raises:
            AddressError: It leads to something else of the gateway's.
        """
        if not self._names(target):
            return ""
        found = _leads_to(target)
        if target.scheme != "http" or found.kind != "function":
            raise AddressError("of the gateway itself only /function/NAME may be called")
        return found.name

    def _names(self, target: Target) -> bool:
        """Tell whether a URL leads to this gateway, by its spelling alone."""
        if target.host in _OPENFAAS_NAMES:
            return target.port in (self.port, _OPENFAAS_PORT)
        known = target.known
        local = target.host == self.host or (known is not None and known.is_loopback)
        return local and target.port == self.port


def _leads_to(target: Target) -> Route:
    path = target.path.encode()
    if target.host in _OPENFAAS_NAMES:
        return by_path(path)
    return by_address(path, target.authority)


def _goes_along(name: bytes) -> bool:
    return name in _RIGHTS or (is_callers_own(name) and name not in _DROPPED)


class Callbacks:
    """Brings outcomes to where their callers want them.

    A callback to a function of this gateway is a call like any other, with the rights of the one
    who made the first: his credentials go along, and what else he said of himself (``X-...``). To
    other addresses none go.

    Args:
        calls: What all calls share.
        plane: The functions.
        outward: Connects to addresses that callers gave.
        own: The gateway's own address.
    """

    def __init__(self, calls: Calls, plane: Plane, outward: Outward, own: OwnAddress) -> None:
        self._calls = calls
        self._plane = plane
        self._outward = outward
        self._own = own

    def checked(self, url: str) -> str:
        """Return the address itself; what only a resolver knows is checked before it is called.

        Raises:
            Invalid: Unless it is empty, a function's address here, or one outside.
        """
        if url:
            try:
                target = read_url(url)
                if not self._own.function(target):
                    self._outward.check_known(target)
            except AddressError as error:
                raise Invalid(
                    f"X-Callback-Url: {error}", "give http://host/path of a public host"
                ) from error
        return url

    async def tell(self, request: QueuedRequest, outcome: Outcome) -> None:
        """Post an outcome; one that is not taken is counted and logged."""
        if not request.callback:
            return
        headers = [field for field in outcome.headers if field[0].lower() not in _DROPPED]
        headers += [
            (b"x-function-name", request.function.encode()),
            (b"x-function-status", b"%d" % outcome.status),
            (b"x-duration-seconds", b"%f" % outcome.seconds),
        ]
        try:
            status = await self._post(request, headers, outcome.body)
            failure = "" if 200 <= status < 300 else f"it answered {status}"
        except (OSError, TimeoutError, ValueError, GatewayError) as error:
            failure = str(error) or type(error).__name__
        if failure:
            self._calls.metrics.callback_failed(request.function)
            log.warning("callback failed", call=request.call_id, why=failure)

    async def _post(self, request: QueuedRequest, headers: Headers, body: bytes) -> int:
        target = read_url(request.callback)
        name = self._own.function(target)
        if name:
            return await self._chain(request, target, name, headers, body)
        headers.append((b"x-call-id", request.call_id.encode("latin-1")))
        return await client.post(self._outward, request.callback, headers, body, LIMIT)

    async def _chain(
        self, request: QueuedRequest, target: Target, name: str, headers: Headers, body: bytes
    ) -> int:
        found = _leads_to(target)
        function, tag = self._plane.resolve(name, outside=found.outside)
        rights = [field for field in request.headers if _goes_along(field[0])]
        said = {name for name, _ in rights}
        answered = [field for field in headers if field[0].lower() not in said]
        fields = ((b"host", target.authority.encode()), *answered, *rights)
        chained = msgspec.structs.replace(
            request,
            function=function.name,
            namespace=function.namespace,
            method="POST",
            path=found.path,
            headers=fields,
            body=body,
            callback="",
        )
        call = InnerCall(self._calls, function, chained, tag=tag, queued=False)
        return (await call.result()).status
