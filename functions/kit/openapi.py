"""The API description, made from the routes themselves, so that the two cannot differ."""

import inspect
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Response

from functions.kit.problems import ProblemDocument
from functions.kit.routes import Reply, Route

if TYPE_CHECKING:
    from functions.kit.api import Api

TEMPLATE = "#/components/schemas/{name}"
_STRING = {"type": "string"}


def describe(api: "Api") -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `api`."""
    shown = [route for route in api.routes if not route.hidden]
    types = [found for route in shown for found in _types(route)]
    schemas, components = msgspec.json.schema_components(
        [*types, ProblemDocument], ref_template=TEMPLATE
    )
    found = {id(kind): schema for kind, schema in zip(types, schemas, strict=False)}
    paths: dict[str, dict[str, Any]] = {}
    for route in shown:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, found)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Mayfly {api.name}", "description": api.summary, "version": "1"},
        "servers": [{"url": f"/function/{api.name}"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
        },
    }


def _types(route: Route) -> list[Any]:
    answer = None if route.answer in {Response, Reply, type(None)} else route.answer
    return [kind for kind in (route.body_type, route.query, answer) if kind is not None]


def _operation(route: Route, schemas: dict[int, dict[str, Any]]) -> dict[str, Any]:
    text = inspect.getdoc(route.handler) or route.handler.__name__
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": text.splitlines()[0],
        "description": text,
        "parameters": _parameters(route),
        "responses": {
            str(route.status): _answer(schemas.get(id(route.answer))),
            "default": {
                "description": "Error",
                "content": {
                    "application/problem+json": {
                        "schema": {"$ref": TEMPLATE.format(name="ProblemDocument")}
                    }
                },
            },
        },
    }
    if route.access != "open":
        operation["security"] = [{"bearer": []}, {"header": []}]
    if route.body_type is not None:
        content = {"application/json": {"schema": schemas[id(route.body_type)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _answer(schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return {"description": "Success"}
    return {"description": "Success", "content": {"application/json": {"schema": schema}}}


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": _STRING}
        for name in route.parameters
    ]
    if route.query is None:
        return found
    for field in msgspec.structs.fields(route.query):
        schema = msgspec.json.schema(field.type)
        parameter = {"name": field.encode_name, "in": "query", "required": field.required}
        found.append({**parameter, "schema": schema})
    return found
