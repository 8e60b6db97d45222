"""OpenAPI documents (3.1) for people: routes, their parameters, and what goes in and comes out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Document = Mapping[str, Any]
Schema = Mapping[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
DEEP = 4
MOST_FIELDS = 150
NULL = "null"
BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "over {}",
    "maximum": "to {}",
    "exclusiveMaximum": "under {}",
    "minLength": "{} letters at least",
    "maxLength": "{} letters at most",
    "minItems": "{} items at least",
    "maxItems": "{} items at most",
    "pattern": "like {}",
}


class Route(NamedTuple):
    """One thing that may be asked of a function."""

    method: str
    path: str
    summary: str


class Field(NamedTuple):
    """A value by name: of which kind, within which bounds. `place`: path, query, header or body."""

    name: str
    place: str
    kind: str
    limits: str
    required: bool
    about: str


class Form(NamedTuple):
    """What goes in or comes out, in one media type."""

    kind: str
    what: str
    fields: list[Field]


class Answer(NamedTuple):
    """What may come: a status in figures and words, and its forms."""

    status: str
    words: str
    forms: list[Form]


class Operation(NamedTuple):
    """A route with all that is said of it.

    `example` is a body to start from, as plain data; `free` routes are asked without a session.
    """

    route: Route
    free: bool
    about: str
    parameters: list[Field]
    bodies: list[Form]
    answers: list[Answer]
    example: Any


def routes(document: Document) -> list[Route]:
    """Return what a document has, in its order."""
    return [
        Route(method, path, str(described.get("summary", "")))
        for path, methods in document.get("paths", {}).items()
        for method, described in methods.items()
        if method in METHODS
    ]


def operation(document: Document, method: str, path: str) -> Operation | None:
    """Return what a document says of a route; None where it has none such."""
    said = document.get("paths", {}).get(path, {}).get(method) if method in METHODS else None
    if said is None:
        return None
    body = said.get("requestBody", {}).get("content", {})
    schema = next((one.get("schema", {}) for kind, one in body.items() if "json" in kind), None)
    summary, text = str(said.get("summary", "")), str(said.get("description", ""))
    return Operation(
        Route(method, path, summary),
        not said.get("security", document.get("security")),
        text.removeprefix(summary).strip(),
        [_parameter(document, resolved(document, one)) for one in said.get("parameters", ())],
        _forms(document, body),
        [_answer(document, status, one) for status, one in said.get("responses", {}).items()],
        None if schema is None else example(document, schema),
    )


def resolved(document: Document, thing: Any) -> Schema:
    """Return what a reference names; nothing where it leads nowhere, or says yes or no alone."""
    for _ in range(DEEP):
        if not isinstance(thing, Mapping):
            return {}
        if "$ref" not in thing:
            break
        found: Any = document
        for part in str(thing["$ref"]).removeprefix("#/").split("/"):
            found = found.get(part, {}) if isinstance(found, Mapping) else {}
        thing = found
    return dict(thing) if isinstance(thing, Mapping) else {}


def kind(document: Document, schema: Schema, deep: int = 0) -> str:
    """Say of which kind a value is."""
    schema = resolved(document, schema)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices and deep < DEEP:
        return " or ".join(dict.fromkeys(kind(document, one, deep + 1) for one in choices))
    if "const" in schema:
        return f"always {schema['const']}"
    if schema.get("enum"):
        return "one of " + ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array" and deep < DEEP:
        return f"list of {kind(document, schema.get('items', {}), deep + 1)}"
    told = schema.get("type", "any value")
    return " or ".join(told) if isinstance(told, list) else str(schema.get("title") or told)


def example(document: Document, schema: Schema, deep: int = 0) -> Any:
    """Return a value that a schema may take: what it requires, and its defaults."""
    schema = _one(document, resolved(document, schema))
    for name in ("default", "const"):
        if name in schema:
            return schema[name]
    if schema.get("enum"):
        return schema["enum"][0]
    told = schema.get("type")
    if told == "object" and deep < DEEP:
        known, needed = schema.get("properties", {}), schema.get("required", ())
        return {name: example(document, known.get(name, {}), deep + 1) for name in needed}
    if told == "array":
        item = schema.get("items", {})
        return [example(document, item, deep + 1)] if schema.get("minItems") else []
    plain = {"string": "", "integer": 0, "number": 0, "boolean": False, "object": {}}
    return plain.get(str(told))


def _parameter(document: Document, said: Schema) -> Field:
    schema = resolved(document, said.get("schema", {}))
    about = str(said.get("description") or _one(document, schema).get("description", ""))
    required = bool(said.get("required")) or said.get("in") == "path"
    return Field(
        str(said.get("name", "")),
        str(said.get("in", "")),
        kind(document, schema),
        _limits(document, schema),
        required,
        about,
    )


def _answer(document: Document, status: str, said: Schema) -> Answer:
    said = resolved(document, said)
    forms = _forms(document, said.get("content", {}))
    return Answer(status, str(said.get("description", "")), forms)


def _forms(document: Document, content: Mapping[str, Schema]) -> list[Form]:
    return [
        Form(
            media,
            kind(document, one.get("schema", {})),
            list(_fields(document, one.get("schema", {}), "", 0))[:MOST_FIELDS],
        )
        for media, one in content.items()
    ]


def _fields(document: Document, schema: Schema, before: str, deep: int) -> Iterator[Field]:
    """Yield the fields of an object, and below each those of its own."""
    schema = _one(document, resolved(document, schema))
    if schema.get("type") == "array":
        yield from _fields(document, schema.get("items", {}), f"{before}[]", deep + 1)
        return
    if deep > DEEP:
        return
    needed: Sequence[str] = schema.get("required", ())
    for name, said in schema.get("properties", {}).items():
        whole = f"{before}.{name}" if before else name
        inner = _one(document, resolved(document, said))
        about = str(said.get("description") or "")
        yield Field(
            whole,
            "body",
            kind(document, said),
            _limits(document, said),
            name in needed,
            about,
        )
        yield from _fields(document, inner, whole, deep + 1)


def _one(document: Document, schema: Schema) -> Schema:
    """Return the first of several kinds that is not null: the one that has something to tell."""
    for one in schema.get("anyOf") or schema.get("oneOf") or ():
        found = resolved(document, one)
        if found.get("type") != NULL:
            return found
    return schema


def _limits(document: Document, schema: Schema) -> str:
    schema = _one(document, resolved(document, schema))
    said = [words.format(schema[name]) for name, words in BOUNDS.items() if name in schema]
    said += [f"{schema['default']} unless said"] if schema.get("default") is not None else []
    return ", ".join(said)
