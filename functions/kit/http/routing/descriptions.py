"""A function's description of itself for one caller: its routes, and what comes and goes."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from flask import Request, Response

from functions.kit.contract.access.identity import Caller, Right
from functions.kit.http.responses.answers import JSON
from functions.kit.http.responses.etags import IF_NONE_MATCH, etag, is_known
from functions.kit.http.routing import openapi
from functions.kit.http.routing.routes import Route

Document = Mapping[str, Any]


class Additions(NamedTuple):
    """What a description has beside what its function's own routes say.

    Attributes:
        paths: OpenAPI path items, by path.
        schemas: components by name, which no type of the function's has.
        tags: OpenAPI tags, which operations in `paths` name.
        note: a paragraph after the description of the whole; empty for none.
    """

    paths: Mapping[str, Any] = {}
    schemas: Mapping[str, Any] = {}
    tags: Iterable[Mapping[str, Any]] = ()
    note: str = ""


class More(NamedTuple):
    """What there is besides for one caller, now.

    Attributes:
        state: changes whenever what `add` gives does.
        add: the document of the routes that the caller may call → what is added to it.
    """

    state: str
    add: Callable[[Document], Additions]


Ask = Callable[[Caller], More]
"""Who asks → what there is besides; raises DomainError."""


class _Base(NamedTuple):
    """The description of the routes that a caller with some rights may call, and its hash."""

    document: Document
    digest: str


class Descriptions:
    """Describes a function; what its routes say is made once for each set of rights."""

    def __init__(self, api: openapi.Described) -> None:
        self._api = api
        self._bases: dict[frozenset[Right], _Base] = {}

    def answer(self, request: Request, caller: Caller, ask: Ask | None) -> Response:
        """Return the description for a caller, or 304 where it has that already."""
        base = self._bases.get(caller.rights)
        if base is None:
            base = self._bases[caller.rights] = self._base(caller)
        more = None if ask is None else ask(caller)
        said = base.digest if more is None else _digest(f"{base.digest}\n{more.state}".encode())
        tag = etag(said)
        if is_known(request.headers.get(IF_NONE_MATCH), tag):
            return Response(status=304, headers={"ETag": tag})
        document = base.document if more is None else _with(base.document, more)
        return Response(msgspec.json.encode(document), headers={"ETag": tag}, content_type=JSON)

    def _base(self, caller: Caller) -> _Base:
        shown = [one for one in self._api.routes if _may_call(caller, one)]
        document = openapi.describe(self._api, shown)
        return _Base(document, _digest(msgspec.json.encode(document)))


def _may_call(caller: Caller, route: Route) -> bool:
    return route.needs is None or caller.may(route.needs)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _with(document: Document, more: More) -> Document:
    """Return a document with what there is besides; the one that is kept stays as it is."""
    added = more.add(document)
    info, components = document["info"], document["components"]
    said = f"{info['description']}\n\n{added.note}".rstrip()
    return {
        **document,
        "info": {**info, "description": said},
        "tags": [*added.tags],
        "paths": {**document["paths"], **added.paths},
        "components": {**components, "schemas": {**components["schemas"], **added.schemas}},
    }
