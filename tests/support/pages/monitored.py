"""What `monitoring` answers, as far as the pages need it: a part of the double."""

import datetime as dt
import json

import httpx

from tests.support.pages.house import problem

START = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def at(hours):
    return (START + hours * HOUR).isoformat()


def reading(value, **more):
    return {"value": value} | more


def measures(drift=0.02, *, alarm=False, **more):
    """Return those of a window: a column `age` that far off, `sex` that is not."""
    age = {"high": 0.1, "statistic": "wasserstein", "p": 0.5, "rows": 100}
    age |= {"alarm": True, "why": "values, missing", "p": 0.0} if alarm else {}
    return {
        "calls": reading(40.0, low=10.0, high=60.0),
        "p50": reading(1.5),
        "p95": reading(4.5),
        "p99": reading(9.5),
        "drift": reading(0.0 if alarm else 0.5, **({"alarm": True, "why": "age"} if alarm else {})),
        "drift:age": reading(drift, **age),
        "drift:sex": reading(0.01, high=0.1, statistic="jensen_shannon"),
        "missing:age": reading(0.2),
    } | more


def window(place, rows=100, **found):
    return {
        "id": f"hour-{place}",
        "version": 1,
        "span": "hour",
        "start": at(place),
        "end": at(place + 1),
        "rows": rows,
        "measures": found or measures(),
    }


def column(name, **more):
    return {
        "column": name,
        "window": "hour-1",
        "then_rows": 800,
        "now_rows": 100,
        "then_missing": 0.1,
        "now_missing": 0.2,
        "bars": [
            {"low": 0.0, "high": 30.0, "then": 0.6, "now": 0.1},
            {"low": 30.0, "high": 80.0, "then": 0.4, "now": 0.9},
        ],
        "words": [],
        "others": None,
        "new_words": {},
        "measures": {"drift:age": measures(2.5, alarm=True)["drift:age"], "psi:age": reading(0.4)},
        "why": "",
    } | more


def rule(ident="drift", **more):
    return {
        "id": ident,
        "name": "Inputs drift",
        "measure": "drift",
        "version": None,
        "span": "hour",
        "condition": {"when": "alarm"},
        "for_windows": 3,
        "clear_windows": 3,
        "severity": "warning",
        "cooldown_minutes": 60,
        "silenced_until": None,
        "channels": None,
        "acts": [],
        "enabled": True,
        "revision": 1,
        "by": "monitoring",
        "created_at": at(0),
        "updated_at": at(0),
        "model": "titanic",
        "state": {
            "status": "firing",
            "since": at(1),
            "seen": at(1),
            "value": 0.0,
            "run": 3,
            "alert": "a1",
            "is_told": True,
            "told_at": at(1),
        },
    } | more


def act(number=0, **more):
    return {
        "number": number,
        "act": {"do": "retrain", "alias": "champion"},
        "cause": "Inputs drift",
        "state": "done",
        "before": {},
        "after": {"job": "j1"},
        "said": "version 2 was made",
        "ended_at": at(3),
        "undone_by": "",
    } | more


def alert(ident="a1", **more):
    return {
        "id": ident,
        "model": "titanic",
        "rule": "drift",
        "name": "Inputs drift",
        "measure": "drift",
        "looks_for": "drift of any column more than chance explains, over each of 3 hours in a row",
        "severity": "warning",
        "state": "firing",
        "value": 0.0,
        "window": [at(1), at(2)],
        "started_at": at(0),
        "fired_at": at(2),
        "resolved_at": None,
        "why_resolved": "",
        "acknowledged_at": None,
        "acknowledged_by": "",
        "notices": [],
        "acts": [],
        "events": [{"at": at(2), "what": "firing", "by": ""}],
        "changed_at": at(2),
    } | more


def channel(ident="c1", **more):
    return {
        "id": ident,
        "kind": "email",
        "name": "The team",
        "everybody": True,
        "to": ["ann@example.org"],
        "host": "",
        "secret": None,
        "revision": 1,
        "by": "owner",
        "created_at": at(0),
        "updated_at": at(0),
    } | more


def notice(ident="n1", **more):
    return {
        "id": ident,
        "model": "",
        "channel": "c1",
        "lines": [],
        "state": "due",
        "tries": 0,
        "at": None,
        "problem": "",
        "created_at": at(2),
        "ended_at": None,
    } | more


class Monitored:
    """What there is; tests put it there."""

    def __init__(self):
        self.windows = []
        self.room = 1000
        self.columns = {}
        self.qualities = {}
        self.rules = {}
        self.alerts = {}
        self.channels = {}
        self.notices = {}
        self.sent = []  # bodies, and the revision that each was for


def ok(found, status=200):
    return httpx.Response(status, json=found)


def _found(shelf, key):
    return ok(shelf[key]) if key in shelf else problem(404, f"There is no '{key}'.")


def _windows(double, request, body, model):
    last = int(request.url.params["last"])
    shown = [one for one in double.monitored.windows if one["span"] == request.url.params["span"]]
    windows = shown[-last:][-double.monitored.room :]
    following = "MTIz" if len(windows) < len(shown[-last:]) else None
    return ok({"version": 1 if shown else None, "windows": windows, "next": following})


def _windows_of(double, request, body):
    asked = request.url.params
    shown = [one for one in double.monitored.windows if one["span"] == asked["span"]]
    only = asked.get_list("measure")
    windows = [
        one | {"measures": {key: one["measures"][key] for key in only if key in one["measures"]}}
        if only
        else one
        for one in shown[-int(asked["last"]) :]
    ]
    found = [
        {"model": name, "version": 1 if windows else None, "windows": windows}
        for name in asked.get_list("model")
    ]
    return ok({"models": found})


def quality(**more):
    """Return what is said of a window: labels of a part of it, and of `age` missing."""
    true = {"accuracy": reading(0.7, low=0.6, high=0.8, rows=40, alarm=True)}
    estimated = {"accuracy": reading(0.81), "roc_auc": reading(0.9)}
    part = {"column": "age", "part": "missing", "rows": 30, "labelled": 12}
    return {
        "rows": 100,
        "labelled": 40,
        "true": true,
        "estimated": estimated,
        "off": {"accuracy": reading(-0.11)},
        "coverage": [{"level": 0.9, "covered": 0.85, "low": 0.7, "high": 0.95, "size": 1.2}],
        "evidence": None,
        "cannot_tell": "",
        "slices": [part | {"true": {"accuracy": reading(0.5)}, "estimated": estimated}],
        "why": [],
    } | more


def _quality(double, request, body, model, window):
    return _found(double.monitored.qualities, window)


def _column(double, request, body, model, of):
    return _found(double.monitored.columns, request.url.params["name"])


def _alerts(double, request, body):
    asked = request.url.params
    names = ("model", "state", "severity")
    fits = [
        one
        for one in double.monitored.alerts.values()
        if all(one[name] == asked[name] for name in names if name in asked)
    ]
    return double._shelf(fits, request)


def _change(double, request, body, ident, *rest):
    found = double.monitored.alerts[ident]
    double.monitored.sent.append((request.url.path.rpartition("/")[2], body))
    if request.url.path.endswith("/acknowledge"):
        found |= {"acknowledged_at": at(3), "acknowledged_by": "owner"}
    if rest:
        found["acts"][int(rest[0])] |= {"state": "undone", "said": "version 1 answers again"}
    return ok(found)


def _saved(shelf, made):
    def answer(double, request, body, *idents):
        kept = getattr(double.monitored, shelf)
        revision = request.headers.get("If-Match", "").strip('"')
        double.monitored.sent.append((revision, json.loads(body) if body else None))
        if revision and revision != str(kept[idents[-1]]["revision"]):
            return problem(412, "It was changed meanwhile.")
        if request.method == "DELETE":
            del kept[idents[-1]]
            return httpx.Response(204)
        return ok(made, 201 if request.method == "POST" else 200)

    return answer


def _tested(double, request, body, *idents):
    double.monitored.notices["n1"] = notice()
    if "/channels/" in request.url.path:
        return ok(notice(), 202)
    return ok({"notices": [notice()]}, 202)


def _all(shelf):
    def answer(double, request, body, *_):
        return ok({"items": list(getattr(double.monitored, shelf).values()), "next": None})

    return answer


def _one(shelf):
    def answer(double, request, body, *idents):
        return _found(getattr(double.monitored, shelf), idents[-1])

    return answer


ONE = "([^/]+)"
MODEL = f"/monitoring/models/{ONE}"
RULE = f"{MODEL}/rules/{ONE}"
ALERT = f"/monitoring/alerts/{ONE}"
CHANNEL = f"/monitoring/channels/{ONE}"
ROUTES = [
    ("GET", "/monitoring/windows", _windows_of),
    ("GET", f"{MODEL}/windows", _windows),
    ("GET", f"{MODEL}/windows/{ONE}/quality", _quality),
    ("GET", f"{MODEL}/windows/{ONE}/columns", _column),
    ("GET", f"{MODEL}/rules", _all("rules")),
    ("POST", f"{MODEL}/rules", _saved("rules", rule("new"))),
    ("GET", RULE, _one("rules")),
    ("PUT", RULE, _saved("rules", rule())),
    ("DELETE", RULE, _saved("rules", None)),
    ("POST", f"{RULE}/test", _tested),
    ("GET", "/monitoring/alerts", _alerts),
    ("GET", ALERT, _one("alerts")),
    ("POST", f"{ALERT}/(?:acknowledge|silence)", _change),
    ("POST", f"{ALERT}/acts/([0-9]+)/undo", _change),
    ("GET", "/monitoring/channels", _all("channels")),
    ("POST", "/monitoring/channels", _saved("channels", channel("new", secret="whsec_once"))),
    ("GET", CHANNEL, _one("channels")),
    ("PUT", CHANNEL, _saved("channels", channel())),
    ("DELETE", CHANNEL, _saved("channels", None)),
    ("POST", f"{CHANNEL}/test", _tested),
    ("GET", f"/monitoring/notices/{ONE}", _one("notices")),
]
