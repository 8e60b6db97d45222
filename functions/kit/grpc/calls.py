"""Calls by gRPC as calls of a function's routes: the same callers may, and hear the same."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any

from functions.kit.contract.access.identity import Caller
from functions.kit.http.api import Api
from functions.kit.http.responses.failures import problem_for
from functions.kit.http.routing.routes import Route

Metadata = Iterable[tuple[str, str | bytes]]

# What a call says beside its message, by WSGI's names.
_FIELDS = {
    "authorization": "HTTP_AUTHORIZATION",
    "x-api-key": "HTTP_X_API_KEY",
    "x-workspace": "HTTP_X_WORKSPACE",
    "x-call-id": "HTTP_X_CALL_ID",
    "traceparent": "HTTP_TRACEPARENT",
    "cache-control": "HTTP_CACHE_CONTROL",
    "x-delivery": "HTTP_X_DELIVERY",
    "x-mayfly-sticky": "HTTP_X_MAYFLY_STICKY",
}


class GrpcCall:
    """A call as a route's request: who makes it, and of what; it is Asked, without a body."""

    __slots__ = ("environ", "method", "path")
    content_type: str | None = None
    content_length: int | None = None
    mimetype = ""

    def __init__(self, metadata: Metadata, method: str, path: str) -> None:
        self.method = method
        self.path = path
        self.environ: dict[str, Any] = {"REQUEST_METHOD": method}
        for key, value in metadata:
            name = _FIELDS.get(key)
            if name is not None:
                self.environ[name] = value

    @property
    def stream(self) -> IO[bytes]:
        """Raise an error: the message is read by who knows it."""
        raise TypeError("A call by gRPC has a message, not a body.")


class Door:
    """Lets calls in as an API's routes do, counts them, and notes them.

    Args:
        api: whose routes they are calls of.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._routes = {(route.method, route.path): route for route in api.routes}

    def is_open(self, asked: tuple[str, str]) -> bool:
        """Tell whether a route, by its method and template, is for anyone."""
        return self._routes[asked].access == "open"

    def answer(
        self,
        metadata: Metadata,
        asked: tuple[str, str],
        parameters: Mapping[str, str],
        act: Callable[[GrpcCall, Caller], Any] | None = None,
    ) -> Any:
        """Return what a route's handler gives, or `act` in its place.

        Args:
            metadata: of the call.
            asked: the route's method and template.
            parameters: of its path.
            act: takes what its handler would read of a body from the message.

        Raises:
            Problem: whatever went wrong, as the caller may know it.
        """
        began = time.perf_counter()
        route = self._routes[asked]
        call = GrpcCall(metadata, route.method, route.path.format_map(parameters))
        span = self._api.begin(call.environ)
        try:
            caller = self._api.admit(route, call, parameters)
            found = act(call, caller) if act else _handled(route, call, caller, parameters)
        except Exception as error:  # noqa: BLE001 - the one place that turns errors into answers
            problem = problem_for(error, call, step=False)
            self._api.tell(route, call, problem.status, began)
            if span is not None:
                span.end(call.method, route.path, problem.status)
            raise problem from (None if problem is error else error)
        self._api.tell(route, call, route.status, began)
        if span is not None:
            span.end(call.method, route.path, route.status)
        return found


def _handled(route: Route, call: GrpcCall, caller: Caller, parameters: Mapping[str, str]) -> Any:
    return route.handler(**parameters, **route.arguments(call, caller))
