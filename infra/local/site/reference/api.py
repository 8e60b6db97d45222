"""A function's OpenAPI document as a page, and the errors of all functions as another."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.local.site.reference.markdown import code, plain, table

Schema = Mapping[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
_TYPE = "#/components/schemas/"
_ERRORS = "4"
"""What statuses of errors begin with, or with what comes behind it."""
_ATTRIBUTES = "Attributes:"
_ATTRIBUTE = re.compile(r"^ +`?(\w+)`?: (.+?)(?=^ +`?\w+`?: |\Z)", re.MULTILINE | re.DOTALL)
_BOUNDS = {
    "minimum": "from {}",
    "exclusiveMinimum": "over {}",
    "maximum": "to {}",
    "exclusiveMaximum": "under {}",
    "minLength": "{} characters at least",
    "maxLength": "{} characters at most",
    "minItems": "{} items at least",
    "maxItems": "{} items at most",
    "pattern": "like {}",
}


def page(name: str, document: Schema) -> str:
    """Return the page of a function.

    Args:
        name: the function's.
        document: its OpenAPI 3.1 document.
    """
    base = document["servers"][0]["url"]
    lines = [
        f"# API of {name}",
        "",
        f"{plain(document['info']['description'])} Below `{base}`.",
        "",
    ]
    parameters = document["components"]["parameters"]
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                lines += _operation(method, path, methods[method], parameters)
    lines += ["## Types", ""]
    for kind, schema in sorted(document["components"]["schemas"].items()):
        lines += _type(kind, schema)
    return "\n".join(lines)


def errors_page(errors: Sequence[Schema]) -> str:
    """Return the page of errors, each as `functions.kit.http.describe` tells of it."""
    told = (
        "Every error is a problem document (RFC 9457): `type`, `title`, `status`, `detail`, and "
        "where it is of use `remedy` and `errors` with row, column and reason. Where another try "
        "may do, `Retry-After` says when."
    )
    rows = [
        (
            str(one["status"]),
            one["phrase"],
            code(one["type"]),
            plain(one["meaning"]),
            "yes" if one["again"] else "no",
            code(one["name"]),
        )
        for one in errors
    ]
    head = ("status", "title", "type", "when", "try again", "in code")
    return "\n".join(["# Errors by type", "", told, "", *table(head, rows)])


def _operation(
    method: str, path: str, said: Schema, parameters: Mapping[str, Schema]
) -> Iterator[str]:
    anchor = re.sub(r"\W+", "-", f"{method}-{path}").strip("-")
    yield from (f"## `{method.upper()} {path}` {{#{anchor}}}", "")
    for paragraph in str(said["description"]).split("\n\n"):
        yield from (plain(paragraph), "")
    if "security" not in said:
        yield from ("Open to everybody.", "")
    given = [
        _parameter(parameters.get(str(one.get("$ref")).rpartition("/")[2], one))
        for one in said["parameters"]
    ]
    yield from table(("parameter", "in", "what", "wanted"), given)
    bodies = said.get("requestBody", {}).get("content", {})
    yield from table(
        ("body", "of type"), [(code(kind), _what(one)) for kind, one in bodies.items()]
    )
    answers, errors = said["responses"], []
    rows = []
    for status, one in answers.items():
        if status < _ERRORS:
            rows.append(_answer(status, one))
        elif status.isdigit():
            errors.append(f"{status} {one['description']}")
    yield from table(("answer", "", "of type"), rows)
    yield from (f"Errors ([problem documents](errors.md)): {', '.join(errors)}.", "")


def _parameter(one: Schema) -> tuple[str, ...]:
    schema = one.get("schema", {})
    what = " ".join(part for part in (_kind(schema), _limits(schema)) if part)
    told = plain(str(one.get("description", "")))
    wanted = "yes" if one.get("required") else ""
    return code(one["name"]), str(one["in"]), ": ".join(filter(None, (what, told))), wanted


def _answer(status: str, one: Schema) -> tuple[str, ...]:
    content = one.get("content", {})
    forms = ", ".join(f"{code(kind)} {_what(form)}".strip() for kind, form in content.items())
    return status, plain(str(one["description"])), forms


def _what(form: Schema) -> str:
    return _kind(form["schema"]) if form.get("schema") else ""


def _type(name: str, schema: Schema) -> Iterator[str]:
    yield from (f"### `{name}` {{#{_anchor(name)}}}", "")
    about, _, attributes = str(schema.get("description", "")).partition(_ATTRIBUTES)
    told = {name: plain(text) for name, text in _ATTRIBUTE.findall(attributes)}
    if about.strip():
        yield from (plain(about), "")
    fields = schema.get("properties")
    if not fields:
        yield from (f"{_kind(schema)} {_limits(schema)}".strip(), "")
        return
    required = set(schema.get("required", ()))
    rows = [
        (
            code(field),
            _kind(one),
            _limits(one),
            "yes" if field in required else _usual(one),
            told.get(field, ""),
        )
        for field, one in fields.items()
    ]
    yield from table(("field", "what", "limits", "wanted, or else", "about"), rows)


def _usual(schema: Schema) -> str:
    return code(repr(schema["default"])) if schema.get("default") not in (None, "") else ""


def _anchor(name: str) -> str:
    return f"type-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}"


def _kind(schema: Schema) -> str:
    """Say of which kind a value is, with links to types."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(_TYPE)
        return f"[{code(name)}](#{_anchor(name)})"
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return " or ".join(dict.fromkeys(_kind(one) for one in choices))
    if "const" in schema:
        return f"always {code(schema['const'])}"
    if schema.get("enum"):
        return "one of " + ", ".join(map(code, schema["enum"]))
    return _plain_kind(schema)


def _plain_kind(schema: Schema) -> str:
    """Say what JSON calls it, and what is in a list or an object."""
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items') or {})}"
    extra = schema.get("additionalProperties")
    if schema.get("type") == "object" and isinstance(extra, Mapping):
        return f"object of {_kind(extra)}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _limits(schema: Schema) -> str:
    said = [text.format(code(schema[key])) for key, text in _BOUNDS.items() if key in schema]
    for choice in schema.get("anyOf") or ():
        said += [_limits(choice)] if _limits(choice) else []
    return ", ".join(said)
