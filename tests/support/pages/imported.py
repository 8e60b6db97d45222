"""Imports into tables, for the double that the pages are tested with."""

import json
from typing import Any

import httpx

from tests.support.pages.house import problem

MOMENT = "2026-01-02T12:00:00Z"


def report(**more: Any) -> dict[str, Any]:
    return {"new": 0, "changed": 0, "same": 0, "bad": 0, "removed": 0, "flaws": []} | more


def import_(number: str, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "dataset": "titanic",
        "asked": {"mode": "append"},
        "source": {"name": "more.csv"},
        "sha256": "",
        "state": "waiting",
        "failure": None,
        "report": None,
        "checked_revision": 1,
        "rows": 0,
        "rows_done": 0,
        "revision": None,
        "waits_at": None,
        "by": "owner",
        "created_at": MOMENT,
        "updated_at": MOMENT,
    } | more


def _list(double, request, body, dataset):
    first = import_("0", state="done", revision=1, report=report(new=1))
    return double._shelf([*reversed(double.imports.values()), first], request)


def _begin(double, request, body, dataset):
    asked: dict[str, Any] = {"query": request.url.params.multi_items()}
    if request.headers["Content-Type"] == "application/json":
        asked["body"] = json.loads(body)
    else:
        asked["content"] = body.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
    asked["once"] = request.headers["Idempotency-Key"]
    double.sent_files.append(asked)
    double.imports["1"] = import_("1", state="checking", checked_revision=None)
    return httpx.Response(202, json=double.imports["1"])


def _one(double, request, body, dataset, number):
    if number not in double.imports:
        return problem(404, f"There is no import '{number}'.")
    return httpx.Response(200, json=double.imports[number])


def _resume(double, request, body, dataset, number):
    told = f'"{double.datasets[dataset]["revision"]}"'
    if request.headers.get("If-Match", told) != told:
        return problem(412, "stale")
    checks = request.url.params.get("dry_run") == "true"
    double.imports[number]["state"] = "checking" if checks else "importing"
    return httpx.Response(202, json=double.imports[number])


def _cancel(double, request, body, dataset, number):
    double.imports[number]["state"] = "cancelled"
    return httpx.Response(202, json=double.imports[number])


def _bad_rows(double, request, body, dataset, number):
    return httpx.Response(200, text="row,reason\n", headers={"Content-Type": "text/csv"})


IMPORTS = "/datasets/datasets/([^/]+)/imports"
IMPORT = f"{IMPORTS}/([^/]+)"
ROUTES = [
    ("GET", IMPORTS, _list),
    ("POST", IMPORTS, _begin),
    ("GET", IMPORT, _one),
    ("POST", f"{IMPORT}/resume", _resume),
    ("POST", f"{IMPORT}/cancel", _cancel),
    ("GET", f"{IMPORT}/bad-rows.csv", _bad_rows),
]
