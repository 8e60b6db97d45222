"""Batches of the function `prediction`, for the double that the pages are tested with."""

from typing import Any

import httpx

from tests.support.pages.house import problem

MOMENT = "2026-01-02T12:00:00Z"


def batch(name: str, **more: Any) -> dict[str, Any]:
    done = more.pop("rows_done", 0)
    progress = {"parts": 2, "parts_done": 1, "rows_done": done, "rows_refused": 0}
    return {
        "id": name,
        "model": "titanic",
        "version": 1,
        "source": "file",
        "dataset": "",
        "file": "people.csv",
        "revision": None,
        "output": {"form": "parquet", "join": True},
        "state": "running",
        "rows": 100,
        "progress": progress | more.pop("progress", {}),
        "refusals": [],
        "bytes": 2048,
        "failure": None,
        "by": "Owner",
        "created_at": MOMENT,
        "started_at": MOMENT,
        "ended_at": None,
    } | more


def _list(double, request, body, model):
    return double._shelf(list(double.batches.values()), request)


def _start(double, request, body, model):
    content = body.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
    double.sent_files.append(
        {
            "content": content,
            "asked": dict(request.url.params),
            "once": request.headers["Idempotency-Key"],
            "head": body.partition(b"\r\n\r\n")[0].decode(),
        }
    )
    double.batches["b1"] = batch("b1", state="queued", rows=None)
    return httpx.Response(202, json=double.batches["b1"])


def _one(double, request, body, model, name):
    if name not in double.batches:
        return problem(404, f"There is no batch '{name}' of '{model}'.")
    return httpx.Response(200, json=double.batches[name])


def _cancel(double, request, body, model, name):
    double.batches[name]["state"] = "cancelled"
    return httpx.Response(200, json=double.batches[name])


def _resume(double, request, body, model, name):
    return httpx.Response(202, json=double.batches[name])


def _remove(double, request, body, model, name):
    del double.batches[name]
    return httpx.Response(204)


def _predictions(double, request, body, model, name):
    form = request.url.params["form"]
    kinds = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
    return httpx.Response(200, content=b"row,label\n", headers={"Content-Type": kinds[form]})


BATCHES = "/prediction/models/([^/]+)/batches"
BATCH = f"{BATCHES}/([^/]+)"
ROUTES = [
    ("GET", BATCHES, _list),
    ("POST", f"{BATCHES}/file", _start),
    ("GET", BATCH, _one),
    ("DELETE", BATCH, _remove),
    ("POST", f"{BATCH}/cancel", _cancel),
    ("POST", f"{BATCH}/resume", _resume),
    ("GET", f"{BATCH}/predictions", _predictions),
]
