"""What `reports` answers, as far as the pages need it: a part of the double."""

import json

import httpx

from tests.support.pages.answers import MOMENT
from tests.support.pages.house import problem

NAMES = {"pdf": "report.pdf", "html": "report.html", "notebook": "notebook.ipynb"}
TYPES = {
    "report.pdf": "application/pdf",
    "report.html": "text/html",
    "notebook.ipynb": "application/x-ipynb+json",
    "facts.json": "application/json",
}
PHASES = ("gather", "run", "typeset")


def report(ident="0a1b2c3d4e5f", state="succeeded", phase="typeset", **more):
    """Return one; one that is made has taken so long for each phase before its own."""
    is_made = state == "succeeded"
    kinds = more.get("kinds", [*NAMES])
    done = PHASES if is_made else PHASES[: PHASES.index(phase)]
    files = {
        kind: {"path": f"/reports/{ident}/{NAMES[kind]}", "bytes": 370_000}
        for kind in kinds
        if is_made or (kind == "notebook" and phase == "typeset")
    }
    return {
        "id": ident,
        "dataset": None if "model" in more else "titanic",
        "model": None,
        "version": None,
        "target": None,
        "kinds": kinds,
        "state": state,
        "phase": phase,
        "revision": 3 if done else None,
        "files": files,
        "seconds": dict.fromkeys(done, 1.5),
        "failure": "it takes <more> memory than it may" if state == "failed" else None,
        "by": "owner",
        "created_at": MOMENT,
        "started_at": None if state == "queued" else MOMENT,
        "ended_at": MOMENT if state in ("succeeded", "failed") else None,
    } | more


def _list(double, request, body):
    asked = request.url.params
    names = ("dataset", "model", "version")
    fits = [
        one
        for one in double.reports.values()
        if all(str(one[name]) == asked[name] for name in names if name in asked)
    ]
    return double._shelf(fits, request)


def _make(double, request, body):
    asked = json.loads(body)
    double.keys_of_reports.append(request.headers["Idempotency-Key"])
    double.asked = asked
    if asked.get("target") == "alone":
        flaw = {"reason": "Dataset 'titanic' has no column 'alone'", "column": "target"}
        return problem(422, f"{flaw['reason']}.", flaw)
    about = {name: asked[name] for name in ("dataset", "model", "version") if name in asked}
    made = report("new", "queued", "gather", kinds=asked["kinds"], **about)
    double.reports["new"] = made
    return httpx.Response(202, json=made)


def _one(double, request, body, ident):
    return double._one("report", double.reports, ident)


def _remove(double, request, body, ident):
    if double.reports.pop(ident, None) is None:
        return problem(404, f"There is no report '{ident}'.")
    return httpx.Response(204)


def _file(double, request, body, ident, name):
    if ident not in double.reports:
        return problem(404, f"There is no report '{ident}'.")
    if double.reports[ident]["state"] != "succeeded":
        return problem(409, f"Report '{ident}' is running and has no such file yet.")
    content = b"{}" if TYPES[name].endswith("json") else b"<h1>its report</h1><script>x</script>"
    return httpx.Response(200, content=content, headers={"Content-Type": TYPES[name]})


ONE = "/reports/reports/([^/]+)"
ROUTES = [
    ("GET", "/reports/reports", _list),
    ("POST", "/reports/reports", _make),
    ("GET", ONE, _one),
    ("DELETE", ONE, _remove),
    ("GET", f"{ONE}/([^/]+)", _file),
]
