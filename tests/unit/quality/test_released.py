"""What the last release promised its callers is kept, or the version says that it is not."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.openapi import NAMES, described
from tests.support.released import record
from tests.support.released.documents import broken
from tests.support.released.schemas import Comparison

ROOT = Path(__file__).resolve().parents[3]
TEXT = {"type": "string"}
NUMBER = {"type": "number"}
WHOLE = {"type": "integer"}
NONE = {"type": "null"}


def an_object(required: str = "", **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": required.split()}


def test_no_caller_of_the_last_release_is_broken_without_a_new_version() -> None:
    base = record.load()
    found = record.broken(base)
    assert not found or record.may_break(base["version"], record.version()), (
        f"These changes break callers of {base['version']}. Keep the old form beside the new one, "
        "or raise the version in pyproject.toml:\n" + "\n".join(found)
    )


def test_the_record_is_of_the_newest_release() -> None:
    """As a release is made: python -m tests.support.released --record."""
    log = (ROOT / "CHANGELOG.md").read_text()
    released = re.findall(r"^## (\d+\.\d+\.\d+) - ", log, re.MULTILINE)
    assert record.load()["version"] == released[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_breaks_no_caller_of_itself(name: str) -> None:
    document = described(name)
    assert broken(record.plain(document), document) == []


def test_the_schemas_of_grpc_break_no_caller_of_themselves(tmp_path: Path) -> None:
    assert record.protos_broken(record.image(record.PROTOS)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("string a = 1;", "string a = 2;", 'field "1"'),
        ("string a = 1;", "int64 a = 1;", "changed type"),
        ("string a = 1;", "", 'field "1"'),
        ("string a = 1;", 'reserved 1; reserved "a";', None),
        ("string a = 1;", "string a = 1; string b = 2;", None),
    ],
)
def test_what_breaks_callers_by_grpc(tmp_path: Path, old: str, new: str, said: str | None) -> None:
    (tmp_path / "one.proto").write_text(f'syntax = "proto3"; package p; message M {{ {old} }}')
    image = record.image(tmp_path)
    (tmp_path / "one.proto").write_text(f'syntax = "proto3"; package p; message M {{ {new} }}')
    found = record.protos_broken(image, tmp_path)
    assert bool(found) == bool(said)
    assert said is None or said in found[0]


@pytest.mark.parametrize(
    ("old", "new", "taken", "given"),
    [
        (TEXT, TEXT, 0, 0),
        (TEXT, WHOLE, 1, 1),
        (WHOLE, NUMBER, 0, 1),
        (NUMBER, WHOLE, 1, 0),
        (TEXT, {"anyOf": [TEXT, NONE]}, 0, 1),
        ({"anyOf": [TEXT, NONE]}, TEXT, 1, 0),
        ({"type": ["string", "null"]}, {"anyOf": [NONE, TEXT]}, 0, 0),
        (TEXT, {}, 0, 1),
        ({}, TEXT, 1, 0),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, 1, 0),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, 0, 0),  # who is given it passes over new names
        ({"enum": ["a"]}, TEXT, 0, 1),
        ({**NUMBER, "minimum": 0}, {**NUMBER, "minimum": 1}, 1, 0),
        ({**NUMBER, "maximum": 2}, {**NUMBER, "maximum": 3}, 0, 0),
        (TEXT, {**TEXT, "maxLength": 9}, 1, 0),
        (TEXT, {**TEXT, "pattern": "^a"}, 1, 0),
        (an_object("a", a=TEXT), an_object("a", a=TEXT, b=TEXT), 0, 0),
        (an_object("a", a=TEXT), an_object("a b", a=TEXT, b=TEXT), 1, 0),
        (an_object("a", a=TEXT), an_object("", a=TEXT), 0, 1),
        (an_object("a", a=TEXT, b=TEXT), an_object("a", a=TEXT), 1, 0),
        ({"type": "array", "items": NUMBER}, {"type": "array", "items": WHOLE}, 1, 0),
        (
            {"type": "object", "additionalProperties": WHOLE},
            {"type": "object", "additionalProperties": NUMBER},
            0,
            1,
        ),
        (
            {"anyOf": [an_object(k={"enum": ["a"]}, x=WHOLE), an_object(k={"enum": ["b"]})]},
            {"anyOf": [an_object(k={"enum": ["b"]}), an_object(k={"enum": ["a"]}, x=TEXT)]},
            1,
            1,
        ),
    ],
)
def test_what_narrows_a_schema(old: Any, new: Any, taken: int, given: int) -> None:
    found = [*Comparison({}, {}, is_taken=True).flaws(old, new)]
    assert len(found) == taken, found
    found = [*Comparison({}, {}, is_taken=False).flaws(new, old)]
    assert len(found) == given, found


def test_a_schema_that_holds_itself_is_compared_once() -> None:
    node = {"anyOf": [NONE, {"$ref": "#/components/schemas/Node"}]}
    old = {"Node": an_object("value", value=WHOLE, next=node)}
    new = {"Node": an_object("value", value=TEXT, next=node)}
    found = [*Comparison(old, new, is_taken=True).flaws(node, node)]
    assert found == ["body.value: integer is not taken any more, only string"]


def routes(**changed: Any) -> dict[str, Any]:
    operation = {
        "parameters": [{"name": "limit", "in": "query", "schema": WHOLE}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": TEXT}}},
        "responses": {"200": {"content": {"application/json": {"schema": TEXT}}}},
    }
    return {
        "paths": {"/things/{thing}": {"post": {**copy.deepcopy(operation), **changed}}},
        "components": {"schemas": {}},
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, None),
        ({"parameters": []}, "the query parameter limit is not taken any more"),
        (
            {
                "parameters": [
                    *routes()["paths"]["/things/{thing}"]["post"]["parameters"],
                    {"name": "x", "in": "query", "schema": TEXT, "required": True},
                ]
            },
            "the query parameter x is required now",
        ),
        ({"requestBody": None}, "no body is taken any more"),
        ({"requestBody": {"content": {"text/csv": {}}}}, "application/json is not taken any more"),
        ({"responses": {"201": {}}}, "200 is not answered any more"),
        ({"responses": {"200": {}}}, "200 is not answered as application/json any more"),
        ({"security": [{"bearer": []}]}, "needs a key now"),
    ],
)
def test_what_breaks_the_callers_of_a_route(changed: dict[str, Any], said: str | None) -> None:
    found = broken(routes(), routes(**changed))
    assert found == ([] if said is None else [f"POST /things/{{thing}}: {said}"])


def test_a_route_may_go_by_another_name_of_its_parameter_but_not_away() -> None:
    old, new = routes(), routes()
    new["paths"] = {"/things/{id}": new["paths"]["/things/{thing}"]}
    assert broken(old, new) == []
    new["paths"] = {"/things": new["paths"]["/things/{id}"]}
    assert broken(old, new) == ["POST /things/{thing} is gone"]


@pytest.mark.parametrize(
    ("before", "now", "may"),
    [
        ("0.2.0", "0.2.1", False),
        ("0.2.0", "0.3.0.dev0", True),
        ("0.9.0", "1.0.0", True),
        ("1.2.0", "1.3.0", False),
        ("1.2.0", "2.0.0", True),
    ],
)
def test_which_version_may_break_callers(before: str, now: str, *, may: bool) -> None:
    assert record.may_break(before, now) is may
