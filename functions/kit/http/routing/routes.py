"""Routes: a path, a method, and a handler whose annotations say what it takes and gives."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import (
    Any,
    Generic,
    NamedTuple,
    NoReturn,
    TypedDict,
    TypeVar,
    Unpack,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
from flask import Response

from functions.kit.contract.access.identity import Caller, Right
from functions.kit.http.requests.auth import Rule
from functions.kit.http.requests.plain import Asked
from functions.kit.http.responses.answers import Answer

Value = TypeVar("Value")
Handler = Callable[..., Any]
# What a handler may ask for by name, besides the parameters of its path.
PROVIDED = ("body", "query", "request", "caller", "still_may")

StillMay = Callable[[], bool]
"""Tells whether the caller may still make the call: an answer that goes on for long asks."""


class Header(NamedTuple):
    """A header that a handler reads of its request: `Annotated[Request, Header(name)]`."""

    name: str


class Reply(msgspec.Struct, Generic[Value], frozen=True):
    """An answer with a status or headers of its own; `value` is encoded as JSON.

    A handler's annotation names the value's type, `Reply[Dataset]`, for the API description.
    """

    value: Value
    status: int = 200
    headers: dict[str, str] = {}


class Options(TypedDict, total=False):
    """What a route says of itself beside its handler's annotations: see Route, which has each."""

    access: Rule
    needs: Right | None
    filters: bool
    noted: bool
    plain: bool
    status: int
    also: tuple[int, ...]
    problems: tuple[int, ...]
    hidden: bool
    takes: Any
    asks: Any
    gives: Any


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One route.

    Attributes:
        path: with parameters in braces, `/datasets/{dataset_id}`.
        body: the type of the JSON body, or None when the handler reads the request itself.
        query: the Struct of the query string, or None.
        status: of an answer whose handler names none; of the error of one that never succeeds.
        also: further statuses of a success.
        problems: statuses of errors, besides those that the kit itself answers (`statuses`).
        takes: for the API description, the type of the JSON body, or a media type, or several.
        asks: for the API description, the Struct of a query string that the handler itself reads.
        gives: as `takes`, of the answer; None for what the handler's annotation says.
        hidden: not in the API description (the system's own steps).
        needs: the right that a caller must have; None for any caller.
        filters: the handler itself shows a key that is for one thing no more than that.
        noted: its requests are activity.
        plain: the handler's request is Asked, and it gives an Answer.
    """

    method: str
    path: str
    handler: Handler
    wants: frozenset[str]
    body: "msgspec.json.Decoder[Any] | None"
    query: Any
    needs: Right | None
    access: Rule = "caller"
    filters: bool = False
    noted: bool = True
    plain: bool = False
    status: int = 200
    also: tuple[int, ...] = ()
    problems: tuple[int, ...] = ()
    hidden: bool = False
    takes: Any = None
    asks: Any = None
    gives: Any = None

    @property
    def parameters(self) -> list[str]:
        """The names in the path, in order."""
        return parameters_in(self.path)

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers that the handler's annotation of its request names."""
        return _headers(self.handler)

    @property
    def given(self) -> Any:
        """The type of the JSON answer, or a media type; None where there is no body."""
        return self.gives or _given_by(self.handler)

    def arguments(self, request: Asked, caller: Caller) -> dict[str, Any]:
        """Return those of `request` and `caller` that the handler asks for."""
        given: dict[str, Any] = {}
        if "request" in self.wants:
            given["request"] = request
        if "caller" in self.wants:
            given["caller"] = caller
        return given


def parameters_in(path: str) -> list[str]:
    """Return the names in braces, in order."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def describe(method: str, path: str, handler: Handler, **options: Unpack[Options]) -> Route:
    """Read a handler's annotations, and what is said beside them, into a Route.

    Raises:
        TypeError: the handler asks for something that is neither in its path nor provided, and
            has no default for it.
    """
    wants = _wants(handler, path)
    # To evaluate annotations takes most of this, and the first answer waits for all routes.
    hints = get_type_hints(handler) if wants & {"body", "query"} else {}
    body = hints.get("body")
    if handler.__annotations__.get("return", handler) is None:
        options["status"] = 204
    options["takes"] = options.get("takes") or body
    options.setdefault("needs", "read" if method == "GET" else "write")
    return Route(
        method=method,
        path=path,
        handler=handler,
        wants=wants,
        body=msgspec.json.Decoder(body) if body is not None else None,
        query=hints.get("query"),
        **options,
    )


def _wants(handler: Handler, path: str) -> frozenset[str]:
    """Return what a handler asks for; raises TypeError where nobody gives that."""
    asked = inspect.signature(handler).parameters
    needed = {name for name, one in asked.items() if one.default is one.empty}
    unknown = needed - set(PROVIDED) - set(parameters_in(path))
    if unknown:
        raise TypeError(f"{handler.__name__} asks for {sorted(unknown)}, which {path} lacks.")
    return frozenset(asked)


def _headers(handler: Handler) -> tuple[str, ...]:
    hint = get_type_hints(handler, include_extras=True).get("request")
    noted = getattr(hint, "__metadata__", ())
    return tuple(one.name for one in noted if isinstance(one, Header))


@cache  # each time it is the same object: schemas are known by it
def _given_by(handler: Handler) -> Any:
    """Return the type of the JSON that a handler's return annotation names, or None."""
    answer = get_type_hints(handler).get("return")
    if get_origin(answer) is Reply:
        return get_args(answer)[0]
    return None if answer in {Response, Answer, NoReturn, type(None)} else answer
