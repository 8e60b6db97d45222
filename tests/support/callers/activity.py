"""Lines of activity for tests."""

from typing import Any
from uuid import uuid4

from functions.accounts.model import activity
from functions.accounts.model.activity import Kept
from functions.kit.contract.telemetry.activity import Batch, Line

FUNCTION = "datasets"
"""Whose lines they are."""


def line(second: float = 1, **fields: Any) -> Line:
    """Return a line at a second since 1970."""
    usual: dict[str, Any] = {
        "method": "GET", "route": "/{x}", "path": "/x", "status": 200, "elapsed": 1500,
        "kind": "key" if "key" in fields else "anyone", "key": "", "last_four": "",
        "caller": "anyone", "account": "", "workspace": "", "call": "c", "rows": None,
    }  # fmt: skip
    return Line(int(second * 1e6), **(usual | fields))


def batch(lines: list[Line], lost: int = 0) -> Batch:
    """Return lines as a batch that is told for the first time."""
    return Batch(uuid4().hex, lines, lost)


def kept(told: Batch) -> list[Kept]:
    """Return the lines of a batch as they are kept."""
    return activity.kept(told, FUNCTION)
