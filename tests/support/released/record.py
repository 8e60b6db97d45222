"""The record of what a release promised: OpenAPI documents, and the schemas of gRPC."""

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from tests.support.openapi import NAMES, described
from tests.support.released import documents
from tests.support.tools import wheel_program

ROOT = Path(__file__).resolve().parents[3]
PROTOS = ROOT / "functions" / "prediction" / "protos"
RECORD = ROOT / "tests" / "contract" / "released.json"
# What says nothing to a program.
PROSE = {"description", "summary", "title", "examples", "operationId", "servers", "info", "tags"}
# The wire and the names on it; not what generated code of every language is called.
RULES = {
    "version": "v2",
    "breaking": {
        "use": [
            "WIRE_JSON",
            "PACKAGE_ENUM_NO_DELETE",
            "PACKAGE_MESSAGE_NO_DELETE",
            "PACKAGE_SERVICE_NO_DELETE",
            "RPC_NO_DELETE",
        ]
    },
}


def version() -> str:
    """Return the version that is being made, as pyproject.toml has it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def load() -> dict[str, Any]:
    """Return what the last release promised."""
    record: dict[str, Any] = json.loads(RECORD.read_text())
    return record


def save() -> None:
    """Record what there is now as what the version of pyproject.toml promises."""
    found = {
        "version": version(),
        "openapi": {name: plain(described(name)) for name in NAMES},
        "protos": image(PROTOS),
    }
    RECORD.write_text(json.dumps(found, indent=0, sort_keys=True) + "\n")


def plain(document: Any, *, is_named: bool = False) -> Any:
    """Return a document without its prose; `is_named`: its keys are names of fields or paths."""
    if isinstance(document, list):
        return [plain(one) for one in document]
    if not isinstance(document, dict):
        return document
    named = {"properties", "paths", "schemas", "parameters"}
    return {
        key: plain(value, is_named=not is_named and key in named)
        for key, value in document.items()
        if is_named or key not in PROSE
    }


def broken(record: dict[str, Any]) -> list[str]:
    """Return what callers of a recorded release stumble over now."""
    found = []
    for name, document in record["openapi"].items():
        if name not in NAMES:
            found.append(f"the function {name} is gone")
            continue
        found += [f"{name}: {flaw}" for flaw in documents.broken(document, described(name))]
    return found + (protos_broken(record["protos"]) if record["protos"] else [])


def protos_broken(image: dict[str, Any], folder: Path = PROTOS) -> list[str]:
    """Return what `buf` finds that breaks callers with the schemas of an image of its own."""
    done = _buf(
        *("breaking", str(folder), "--against", "-#format=json", "--config", json.dumps(RULES)),
        given=json.dumps(image),
    )
    assert done.returncode in {0, 100}, done.stderr  # 100: it found something
    return [line.removeprefix(f"{folder}/") for line in done.stdout.splitlines()]


def image(folder: Path) -> dict[str, Any]:
    """Return the schemas of gRPC in a folder as `buf` reads them, without places and comments."""
    done = _buf("build", str(folder), "--exclude-source-info", "-o", "-#format=json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _buf(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [wheel_program("buf"), *words], input=given, capture_output=True, text=True, check=False
    )


def may_break(before: str, now: str) -> bool:
    """Tell whether a version may break callers of an earlier one, by semantic versioning.

    Before 1.0.0 another minor version may; from then on, another major one.
    """
    old, new = (
        [int(number) for number in text.partition(".dev")[0].split(".")] for text in (before, now)
    )
    return new[0] > old[0] or (new[0] == old[0] == 0 and new[1] > old[1])
