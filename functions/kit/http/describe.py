"""Descriptions without a server: `python -m functions.kit.http.describe datasets models`.

Prints JSON: the OpenAPI document of each function that is named, as `GET /openapi.json` gives it to
who may do everything, without what is there of models at the moment; and which errors all of them
answer by which status.
"""

import importlib
import inspect
import os
import sys
from collections.abc import Iterable
from typing import Any

import msgspec

from functions.kit.contract.access.over_quota import OverQuota
from functions.kit.contract.errors import Transient
from functions.kit.http.api import Api
from functions.kit.http.responses.problems import QUOTA_EXCEEDED, STATUSES
from functions.kit.http.routing import openapi
from functions.kit.http.routing.statuses import phrase

# What a function wants to have at its start, and nothing is told of.
STAND_INS = {"MAYFLY_STEP_SECRET": "nobody", "MAYFLY_ACTIVITY": "off"}


class ErrorKind(msgspec.Struct, frozen=True):
    """One kind of error: its name, status, type, meaning, and whether another try may do."""

    name: str
    status: int
    phrase: str
    type: str
    meaning: str
    again: bool


class Described(msgspec.Struct, frozen=True):
    """OpenAPI documents by function, and the errors of all."""

    documents: dict[str, dict[str, Any]]
    errors: list[ErrorKind]


def describe(names: Iterable[str]) -> Described:
    """Import the functions of these names, and describe them."""
    return Described({name: openapi.describe(_api(name)) for name in names}, errors())


def errors() -> list[ErrorKind]:
    """Return every kind of error of the domain, by status."""
    found = [_kind(kind, status) for kind, status in STATUSES.items()]
    found.append(_kind(OverQuota, 429, QUOTA_EXCEEDED))
    return sorted(found, key=lambda one: one.status)


def _kind(kind: type, status: int, its_type: str = "about:blank") -> ErrorKind:
    meaning = (inspect.getdoc(kind) or "").partition("\n\n")[0]
    again = issubclass(kind, Transient)
    return ErrorKind(kind.__name__, status, phrase(status), its_type, meaning, again)


def _api(name: str) -> Api:
    module = importlib.import_module(f"functions.{name}.main")
    [found] = [one for one in vars(module).values() if isinstance(one, Api)]
    return found


def main() -> None:
    """Print what the functions that are named are."""
    for name, value in STAND_INS.items():
        os.environ.setdefault(name, value)
    sys.stdout.buffer.write(msgspec.json.encode(describe(sys.argv[1:])) + b"\n")


if __name__ == "__main__":
    main()
