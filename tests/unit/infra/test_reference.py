"""The site's reference: what it says is what the code says."""

import os
import re
from functools import cache
from pathlib import Path

import click
import pytest

from infra.local.catalogue import COMMANDS
from infra.local.cli import mayfly
from infra.local.errors import LocalError
from infra.local.settings import ROOT
from infra.local.site.reference import api, commands, configuration, making
from infra.local.site.reference.markdown import code, plain, table
from tests.support.openapi import NAMES, described

ABOUT = """A thing.

Attributes:
    size: in metres, or
        more.
    kind: of it."""
DOCUMENT = {
    "servers": [{"url": "/function/things"}],
    "info": {"description": "Things | others."},
    "paths": {
        "/things/{thing}": {
            "put": {
                "description": "Change a thing.\n\nOr <none>.",
                "security": [],
                "parameters": [
                    {"$ref": "#/components/parameters/Workspace"},
                    {
                        "name": "q",
                        "in": "query",
                        "required": True,
                        "schema": {"type": "integer", "minimum": 2},
                    },
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                    }
                },
                "responses": {
                    "200": {"description": "OK", "content": {"text/csv": {}}},
                    "404": {"description": "Not Found"},
                    "default": {"description": "Error"},
                },
            }
        }
    },
    "components": {
        "parameters": {
            "Workspace": {"name": "X-Workspace", "in": "header", "schema": {"type": "string"}}
        },
        "schemas": {
            "Thing": {
                "description": ABOUT,
                "properties": {
                    "size": {"type": "number", "default": 2},
                    "kind": {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                },
                "required": ["kind"],
            }
        },
    },
}


@cache
def texts() -> dict[Path, str]:
    return {
        Path("docs", "security.md"): "`MAYFLY_HOME`",
        making.DOMAIN: (ROOT / making.DOMAIN).read_text(),
    }


def test_a_route_is_told_with_what_it_takes_and_gives() -> None:
    page = api.page("things", DOCUMENT)
    assert "## `PUT /things/{thing}` {#put-things-thing}" in page
    assert "Or \\<none\\>." in page
    assert "| `X-Workspace` | header | string |  |" in page
    assert "| `q` | query | integer from `2` | yes |" in page
    assert "| `application/json` | [`Thing`](#type-Thing) |" in page
    assert "| 200 | OK | `text/csv` |" in page
    assert "Errors ([problem documents](errors.md)): 404 Not Found." in page


def test_a_type_is_told_by_its_fields() -> None:
    page = api.page("things", DOCUMENT)
    assert "### `Thing` {#type-Thing}\n\nA thing.\n" in page
    assert "| `size` | number |  | `2` | in metres, or more. |" in page
    assert "| `kind` | one of `a`, `b` or null |  | yes | of it. |" in page
    assert "| `parts` | list of [`Thing`](#type-Thing) |  |  |  |" in page


def test_texts_become_cells() -> None:
    assert plain("a | b\n *c* `d_e`") == "a \\| b \\*c\\* `d_e`"
    assert (code("a|b"), code("")) == ("`a\\|b`", "")
    assert table(("a", "b"), []) == []


def test_each_command_says_what_its_help_says() -> None:
    page = commands.page(mayfly)
    for name in COMMANDS:
        assert f"\n## `./mayfly {name}`\n" in page, name
    command = mayfly.get_command(click.Context(mayfly), "backup")
    assert command is not None
    assert str(command.help).partition("\n")[0] in page


def test_the_functions_describe_themselves_as_they_are_asked() -> None:
    said = making.described()
    assert sorted(said.documents) == sorted(NAMES)
    for name, document in said.documents.items():
        wanted = {path for path in described(name)["paths"] if "overdue" not in path}
        assert wanted <= document["paths"].keys(), name
    statuses = {one["status"] for one in said.errors}
    assert {400, 404, 409, 412, 413, 422, 429, 503, 507} <= statuses
    page = api.errors_page(said.errors)
    assert "| 503 | Service Unavailable |" in page
    assert re.search(r"\| 507 .* \| yes \| `NoRoom` \|", page)


def test_a_function_that_cannot_be_described_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "MAYFLY_MAX_JSON_BYTES", "many")
    with pytest.raises(LocalError, match="MAYFLY_MAX_JSON_BYTES='many' is not a int"):
        making.described()


def test_every_variable_of_the_code_is_told() -> None:
    page = configuration.page(texts())
    assert "| `MAYFLY_MAX_JSON_BYTES` | functions/kit | `10 * 1024 * 1024` |" in page
    assert "| `GATEWAY_MAX_REPLICAS` | emulators/gateway | `20` |" in page
    [home] = [line for line in page.splitlines() if line.startswith("| `MAYFLY_HOME` |")]
    assert home.endswith("[docs/security.md](../../docs/security.md) |")
    named = {one.name for one in configuration.reads()}
    assert len(named) > 100
    assert {"MAYFLY_QUEUE", "MAYFLY_SMTP_URL", "FIRESTORE_EMULATOR_HOST", "PORT"} <= named


def test_events_are_those_of_the_domain() -> None:
    page = making.events_page(texts()[making.DOMAIN])
    assert page.startswith("# Events\n")
    assert "`dev.mayfly.step.due`" in page
    assert "\n## " not in page
