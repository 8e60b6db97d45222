"""The API description, made from the routes themselves, so that the two cannot differ."""

import inspect
from collections.abc import Iterable
from http import HTTPStatus
from types import UnionType
from typing import Any, Protocol, Union, get_args, get_origin

import msgspec

from functions.kit.http.requests.auth import WORKSPACE
from functions.kit.http.responses.problems import ProblemDocument
from functions.kit.http.routing.routes import Route
from functions.kit.http.routing.statuses import phrase, problems, successes

TEMPLATE = "#/components/schemas/{name}"
_STRING = {"type": "string"}
BODILESS = {204, 304}
_TOO_MANY = 429
_ELSEWHERE = {"$ref": "#/components/parameters/Workspace"}
_WORKSPACE = {
    "name": WORKSPACE,
    "in": "header",
    "description": "Which workspace a session means; its home's without. A key has one of its own.",
    "schema": _STRING,
}
_WAIT = {"Retry-After": "Seconds after which the same may be tried again."}
_QUOTA = {
    "RateLimit-Policy": "The quota, where the plan has one: rows (q) in so many seconds (w).",
    "RateLimit": "What is left of it (r), and the seconds to the next window (t).",
}


class Described(Protocol):
    """What a description is made from (`api.Api`)."""

    name: str
    summary: str
    base_path: str
    routes: list[Route]

    def error_shape(self, path: str) -> Any:
        """Return the type of the JSON that a route's errors are."""

    def error_status(self, path: str, status: int) -> int:
        """Return the status that an error has on a route."""


def describe(api: Described, routes: Iterable[Route] | None = None) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `api`, or of some of its routes."""
    shown = [route for route in (api.routes if routes is None else routes) if not route.hidden]
    errors = {route.path: api.error_shape(route.path) for route in shown}
    types = [found for route in shown for found in (*_types(route), errors[route.path])]
    schemas, components = msgspec.json.schema_components(types, ref_template=TEMPLATE)
    found = {id(kind): schema for kind, schema in zip(types, schemas, strict=False)}
    paths: dict[str, dict[str, Any]] = {}
    for route in shown:
        described = _operation(route, _problems(api, route), errors[route.path], found)
        paths.setdefault(route.path, {})[route.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Mayfly {api.name}", "description": api.summary, "version": "1"},
        "servers": [{"url": api.base_path or "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": {"Workspace": _WORKSPACE},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
        },
    }


def _types(route: Route) -> list[Any]:
    found = (*_either(route.takes), route.query or route.asks, *_either(route.given))
    return [kind for kind in found if kind is not None and not isinstance(kind, str)]


def _either(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union, which msgspec describes only one by one, or media types."""
    if isinstance(kind, tuple):
        return kind
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


def _problems(api: Described, route: Route) -> list[int]:
    """Return every status of an error that a route answers, as it is on the wire."""
    return sorted({api.error_status(route.path, status) for status in problems(route)})


def _operation(
    route: Route, refusals: list[int], error: Any, schemas: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    text = inspect.getdoc(route.handler) or route.handler.__name__
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": text.splitlines()[0],
        "description": text,
        "parameters": _parameters(route),
        "responses": _responses(route, refusals, error, schemas),
    }
    if route.access != "open":
        operation["security"] = [{"bearer": []}, {"header": []}]
    if route.takes is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.takes, schemas)}
    return operation


def _responses(
    route: Route, refusals: list[int], error: Any, schemas: dict[int, dict[str, Any]]
) -> dict[str, Any]:
    """Describe every status that the route answers; `default` is what the gateway may add."""
    content = {_error_type(error): {"schema": schemas[id(error)]}}
    found = {str(status): _answer(route, status, schemas) for status in successes(route)}
    for status in refusals:
        found[str(status)] = {"description": phrase(status), "content": content}
    for told in {"200", "429"} & found.keys():
        if named := _fields(route, told):
            found[told]["headers"] = named
    return {**found, "default": {"description": "Error", "content": content}}


def _fields(route: Route, status: str) -> dict[str, Any]:
    """Describe the header fields that tell how often a route may be called."""
    is_counted = route.needs == "predict" and HTTPStatus.OK in successes(route)
    counted = _QUOTA if is_counted and _TOO_MANY in problems(route) else {}
    said = counted if status == "200" else _WAIT | counted
    return {name: {"description": text, "schema": _STRING} for name, text in said.items()}


def _error_type(shape: Any) -> str:
    return "application/problem+json" if shape is ProblemDocument else "application/json"


def _answer(route: Route, status: int, schemas: dict[int, dict[str, Any]]) -> dict[str, Any]:
    if route.given is None or status in BODILESS:
        return {"description": phrase(status)}
    return {"description": phrase(status), "content": _content(route.given, schemas)}


def _content(kind: Any, schemas: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Describe a body: JSON of a type, or of one of several, or anything of a media type."""
    members = _either(kind)
    content: dict[str, Any] = {media: {} for media in members if isinstance(media, str)}
    found = [schemas[id(one)] for one in members if not isinstance(one, str)]
    if found:
        schema = found[0] if len(found) == 1 else {"anyOf": found}
        content["application/json"] = {"schema": schema}
    return content


def _parameters(route: Route) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _STRING}
        for name in route.parameters
    ]
    asked = route.query or route.asks
    for field in () if asked is None else msgspec.structs.fields(asked):
        schema = msgspec.json.schema(field.type)
        parameter = {"name": field.encode_name, "in": "query", "required": field.required}
        found.append({**parameter, "schema": schema})
    found += [{"name": name, "in": "header", "schema": _STRING} for name in route.headers]
    if route.access in {"caller", "both"}:
        found.append(_ELSEWHERE)
    return found
