"""An in-memory double of the functions, as far as the pages need it: same paths, same shapes.

Each call and each answer is held against the functions' own API descriptions.
"""

import json
import re

import httpx

from tests.support.openapi import JSON, operation
from tests.support.pages import answers as shapes
from tests.support.pages.batched import ROUTES as BATCHED
from tests.support.pages.house import House, problem
from tests.support.pages.imported import ROUTES as IMPORTED
from tests.support.pages.monitored import ROUTES as MONITORED
from tests.support.pages.monitored import Monitored
from tests.support.pages.reported import ROUTES as REPORTED


class Double:
    """Answers the calls; tests look into it and change it."""

    def __init__(self):
        self.requests = []
        self.readings = {}
        self.preview = {}
        self.uploads = {}
        self.datasets = {}
        self.records = {}
        self.changes = {}
        self.keys_of_undo = []
        self.keys_of_rows = []
        self.keys_of_uploads = []
        self.names_of_uploads = []
        self.keys_of_jobs = []
        self.warnings = []  # of rows that are saved
        self.jobs = {}
        self.models = {}
        self.versions = {}
        self.answers = {}
        self.events = []
        self.house = House()
        self.monitored = Monitored()
        self.batches = {}
        self.imports = {}
        self.sent_files = []
        self.reports = {}
        self.keys_of_reports = []
        self.unlike = []  # where a call or an answer is not as the functions describe it

    # What a test puts there beforehand.

    def add_dataset(self, name="titanic", columns=None, rows=None, **more):
        rows = (
            [{"age": 29.0, "sex": "female", "alone": None, "survived": 1}] if rows is None else rows
        )
        self.records[name] = {
            f"r{n}": {"id": f"r{n}", "version": 1, "values": row} for n, row in enumerate(rows)
        }
        columns = columns or shapes.COLUMNS
        self.datasets[name] = shapes.dataset(name, columns, len(rows), **more)
        return self.datasets[name]

    def add_job(self, job="j1", **more):
        self.jobs[job] = shapes.job(job, **more)
        return self.jobs[job]

    def add_model(self, name="titanic", versions=1, champion=1):
        aliases = {"champion": champion} if champion else {}
        self.models[name] = shapes.model(name, versions, aliases)
        for number in range(1, versions + 1):
            self.versions[name, number] = shapes.version(name, number)

    # What the pages call.

    def __call__(self, request):
        body = b"".join(request.stream)
        path = request.url.path.removeprefix("/function")
        if path != "/accounts/me":  # asked for each page, whatever it shows
            self.requests.append((request.method, path, body))
        try:
            return self._checked(request, path, body)
        except AssertionError as error:  # the app turns it into a page, so it must be kept, too
            self.unlike.append(str(error))
            raise

    def _checked(self, request, path, body):
        _, function, rest = path.split("/", 2)
        if function == "accounts":
            return self.house.answer(self, request, f"/{rest}", body)
        described = operation(function, request.method, f"/{rest}")
        if (request.method, path) in self.answers:  # a fault, which may come from anywhere
            answer = self.answers[request.method, path]
            if isinstance(answer, Exception):
                raise answer
            return answer
        barred = self.house.barred(request)
        if barred is not None:
            return barred
        described.check_request(
            set(request.url.params), request.headers.get("Content-Type", ""), body
        )
        answer = self._answer(request, path, body)
        described.check_answer(
            answer.status_code, answer.headers.get("Content-Type", ""), answer.content
        )
        return answer

    def _answer(self, request, path, body):
        for method, pattern, handler in ROUTES:
            found = re.fullmatch(pattern, path)
            if method == request.method and found:
                return handler(self, request, body, *found.groups())
        raise AssertionError(f"The double has no {request.method} {path}")

    def _shelf(self, items, request):
        """Answer a page: the cursor is the place of its first item."""
        asked = request.url.params
        words = asked.get("q", "").casefold()
        items = [one for one in items if words in json.dumps(one).casefold()]
        if "sort" in asked:
            field = asked["sort"].removeprefix("-")
            items.sort(key=lambda one: one[field], reverse=asked["sort"].startswith("-"))
        count = {"count": len(items)} if "count" in asked else {}
        begin = int(request.url.params.get("cursor", 0))
        end = begin + int(request.url.params["limit"])
        follows = str(end) if end < len(items) else None
        return httpx.Response(200, json={"items": items[begin:end], "next": follows, **count})

    def _one(self, kind, shelf, key):
        if key not in shelf:
            return problem(404, f"There is no {kind} '{key}'.")
        return httpx.Response(200, json=shelf[key])

    def _patch(self, request, body, dataset):
        found = self.datasets[dataset]
        if request.headers["If-Match"] != f'"{found["revision"]}"':
            return problem(412, "stale")
        for column in json.loads(body)["columns"]:
            if column.get("maximum") == 1:
                flaw = {"row": 1, "column": column["name"], "value": "29", "reason": "more than 1"}
                return problem(422, "The rows do not fit the new schema.", flaw)
            columns = [column if one["name"] == column["name"] else one for one in found["columns"]]
            found["columns"] = columns
        found["revision"] += 1
        return httpx.Response(200, json=found)

    def _delete_dataset(self, request, body, name):
        if request.headers["If-Match"] != f'"{self.datasets[name]["revision"]}"':
            return problem(412, "stale")
        return httpx.Response(204)

    def _delete_model(self, request, body, name):
        if request.headers["If-Match"] != f'"{self.models[name]["revision"]}"':
            return problem(412, "stale")
        del self.models[name]
        return httpx.Response(204)

    def _delete_version(self, request, body, name, number):
        if int(number) in self.models[name]["aliases"].values():
            return problem(409, "Version is what champion names.")
        del self.versions[name, int(number)]
        return httpx.Response(200, json=self.models[name])

    def _history(self, request, body, model):
        line: dict[str, str | int] = {
            "action": "promote",
            "by": "owner",
            "at": shapes.MOMENT,
            "alias": "champion",
        }
        line |= {"from": 1, "to": 2, "reason": "it is <better>"}
        return self._shelf([line], request)

    def _compare(self, request, body, model):
        a, b = (int(request.url.params[name]) for name in "ab")
        return httpx.Response(200, json=shapes.compared(a, b))

    def _traffic(self, request, body, model, alias):
        return httpx.Response(200, json=shapes.traffic(model, alias))

    def _alias(self, request, body, model, alias):
        found = self.models[model]
        if request.headers["If-Match"] != f'"{found["revision"]}"':
            return problem(412, "stale")
        return httpx.Response(200, json=found)

    def _share_out(self, request, body, model, alias):
        if request.headers["If-Match"] != f'"{self.models[model]["revision"]}"':
            return problem(412, "stale")
        self.asked = json.loads(body)
        return httpx.Response(200, json=shapes.traffic(model, alias))

    def _list_versions(self, request, body, model):
        found = [one for (name, _), one in reversed(self.versions.items()) if name == model]
        return self._shelf([shapes.without(one, shapes.VERSION_ALONE) for one in found], request)

    def _upload(self, request, body):
        name = request.url.params["name"]
        self.names_of_uploads += re.findall(r'filename="(.*?)"', body[:500].decode())
        self.keys_of_uploads.append(request.headers["Idempotency-Key"])
        self.readings[name] = request.url.params.get("reading")
        boundary = request.headers["Content-Type"].partition("boundary=")[2]
        content = body.partition(b"\r\n\r\n")[2]
        self.uploads[name] = content.removesuffix(f"\r\n--{boundary}--\r\n".encode())
        return httpx.Response(202, json=self.add_dataset(name, state="importing", rows_done=0))

    def _preview(self, request, body):
        self.readings["preview"] = request.url.params.get("reading")
        return httpx.Response(200, json=self.preview)

    def _list_records(self, request, body, dataset):
        items = list(self.records[dataset].values())
        answer = {"items": items, "next": "c2", "revision": 1}
        if "count" in request.url.params:
            answer["count"] = 1309
        return httpx.Response(200, json=answer)

    def _add_record(self, request, body, dataset):
        self.keys_of_rows.append(request.headers["Idempotency-Key"])
        record = {"id": "new", "version": 1, "values": json.loads(body)["values"]}
        self.records[dataset]["new"] = record
        return httpx.Response(201, json=record | {"warnings": self.warnings})

    def _change(self, request, body, dataset, revision):
        if (dataset, int(revision)) not in self.changes:
            return problem(404, f"There is no change '{revision}'.")
        return httpx.Response(200, json=self.changes[dataset, int(revision)])

    def _undo(self, request, body, dataset):
        found = self.datasets[dataset]
        if request.headers.get("If-Match", f'"{found["revision"]}"') != f'"{found["revision"]}"':
            return problem(412, "stale")
        self.keys_of_undo.append(request.headers["Idempotency-Key"])
        undone = json.loads(body)["revision"]
        found["revision"] += 1
        made = shapes.change(found["revision"], kind="undo", undoes=undone)
        self.changes[dataset, found["revision"]] = made
        return httpx.Response(200, json=made)

    def _change_named(self, request, body, dataset):
        asked = json.loads(body)["records"]
        rows = self.records[dataset]
        for number, one in enumerate(asked, 1):
            if one["id"] not in rows:
                return problem(404, f"There is no record '{one['id']}'.")
            if one["version"] != rows[one["id"]]["version"]:
                flaw = {"reason": "is at another version by now", "row": number}
                return problem(409, "stale", flaw)
            if (one["values"] or {}).get("age") == 500:
                flaw = {"column": "age", "reason": "Expected at most 120", "row": number}
                return problem(422, "refused", flaw)
        for one in asked:
            if one["values"] is None:
                del rows[one["id"]]
            else:
                rows[one["id"]]["values"] |= one["values"]
                rows[one["id"]]["version"] += 1
        return self._changed(dataset, len(asked))

    def _change_fitting(self, request, body, dataset):
        if request.headers["If-Match"] != f'"{self.datasets[dataset]["revision"]}"':
            return problem(412, "stale")
        self.fitting = request.url.params.multi_items()
        return self._changed(dataset, 1309)

    def _changed(self, dataset, count, **more):
        found = self.datasets[dataset]
        found["revision"] += 1
        made = shapes.change(found["revision"], kind="bulk", records=count, **more)
        made["warnings"] = self.warnings
        self.changes[dataset, found["revision"]] = made
        return httpx.Response(200, json=made)

    def _list_changes(self, request, body, dataset):
        known = {"revision", "at", "by", "kind", "summary", "records", "undoes"}
        logged = [
            {name: one[name] for name in known}
            for (name, _), one in reversed(self.changes.items())
            if name == dataset
        ]
        return self._shelf(logged, request)

    def _restore(self, request, body, dataset):
        if request.headers["If-Match"] != f'"{self.datasets[dataset]["revision"]}"':
            return problem(412, "stale")
        return self._changed(dataset, 3)

    def _start(self, request, body):
        self.keys_of_jobs.append(request.headers["Idempotency-Key"])
        order = json.loads(body)
        if order["target"] == "age":
            return problem(
                422, "The target has 40 different values.", {"column": "age", "reason": "x"}
            )
        return httpx.Response(202, json=self.add_job("j2", state="queued", candidates=[]))

    def _remove_job(self, request, body, job):
        if job not in self.jobs:
            return problem(404, f"There is no job '{job}'.")
        if self.jobs[job]["state"] in ("queued", "running"):
            return problem(409, "The job has not ended.")
        del self.jobs[job]
        return httpx.Response(204)

    def _restore_model(self, request, body, name):
        self.add_model(name)
        return httpx.Response(200, json=self.models[name])

    def _plan(self, request, body):
        order = json.loads(body)
        if order["target"] == "age":
            flaw = {"column": "dataset", "reason": "The target has 40 different values."}
            return problem(422, "The target has 40 different values.", flaw)
        return httpx.Response(200, json=shapes.job_plan(order))

    def _events(self, request, body, job):
        if job not in self.jobs:
            return problem(404, f"There is no job '{job}'.")
        described = operation("training", "GET", f"/jobs/{job}")
        for one in filter(None, self.events):
            described.check_answer(200, JSON, json.dumps(one).encode())
        text = "".join(
            ": still here\n\n" if one is None else f"event: job\ndata: {json.dumps(one)}\n\n"
            for one in self.events
        )
        return httpx.Response(200, text=text, headers={"Content-Type": "text/event-stream"})

    def _signature(self, request, body, model):
        return httpx.Response(
            200, json=shapes.SIGNATURE | {"model": model, "version": 1, **shapes.RECORD}
        )

    def _predict(self, request, body, model):
        record = json.loads(body)["records"][0]
        one = {"label": "1", "probability": 0.93, "probabilities": {"0": 0.07, "1": 0.93}}
        self.asked = record
        if json.loads(body).get("options", {}).get("explain"):
            one |= shapes.CERTAIN
        return httpx.Response(
            200, json={"id": "p1", "model": model, "version": 1, "level": 0.9, "predictions": [one]}
        )


def shelf(name, alone=frozenset()):
    def answer(double, request, body):
        items = [shapes.without(one, alone) for one in getattr(double, name).values()]
        return double._shelf(items, request)

    return answer


def one(kind, name, status=200):
    def answer(double, request, body, key):
        found = double._one(kind, getattr(double, name), key)
        if found.status_code == 200:
            found.status_code = status
        return found

    return answer


def ok(answer):
    return lambda double, *_: httpx.Response(200, json=answer)


ROUTES = [
    ("GET", "/datasets/datasets", shelf("datasets")),
    ("POST", "/datasets/datasets", Double._upload),
    ("POST", "/datasets/datasets/preview", Double._preview),
    ("GET", "/datasets/datasets/([^/]+)", one("dataset", "datasets")),
    ("PATCH", "/datasets/datasets/([^/]+)", Double._patch),
    ("DELETE", "/datasets/datasets/([^/]+)", Double._delete_dataset),
    (
        "GET",
        "/datasets/datasets/([^/]+)/export.csv",
        lambda d, *_: httpx.Response(200, text="a,b\n", headers={"Content-Type": "text/csv"}),
    ),
    ("GET", "/datasets/datasets/([^/]+)/changes/([0-9]+)", Double._change),
    ("POST", "/datasets/datasets/([^/]+)/undo", Double._undo),
    ("POST", "/datasets/datasets/([^/]+)/resume", one("dataset", "datasets", 202)),
    ("GET", "/datasets/datasets/([^/]+)/records", Double._list_records),
    ("POST", "/datasets/datasets/([^/]+)/records", Double._add_record),
    (
        "GET",
        "/datasets/datasets/([^/]+)/records/([^/]+)",
        lambda d, r, b, name, key: httpx.Response(200, json=d.records[name][key]),
    ),
    ("POST", "/datasets/datasets/([^/]+)/records/named", Double._change_named),
    ("PATCH", "/datasets/datasets/([^/]+)/records", Double._change_fitting),
    ("DELETE", "/datasets/datasets/([^/]+)/records", Double._change_fitting),
    ("GET", "/datasets/datasets/([^/]+)/changes", Double._list_changes),
    (
        "GET",
        "/datasets/datasets/([^/]+)/profile",
        lambda d, r, *_: httpx.Response(200, json=shapes.profile(r.url.params.get("target"))),
    ),
    ("POST", "/datasets/datasets/([^/]+)/restore", Double._restore),
    ("GET", "/training/algorithms", ok({"items": shapes.ALGORITHMS, "next": None})),
    ("GET", "/training/jobs", shelf("jobs", shapes.JOB_ALONE)),
    ("POST", "/training/jobs", Double._start),
    ("POST", "/training/jobs/plan", Double._plan),
    ("GET", "/training/jobs/([^/]+)", one("job", "jobs")),
    ("GET", "/training/jobs/([^/]+)/events", Double._events),
    ("DELETE", "/training/jobs/([^/]+)", Double._remove_job),
    ("POST", "/training/jobs/([^/]+)/cancel", one("job", "jobs")),
    ("POST", "/training/jobs/([^/]+)/resume", one("job", "jobs", 202)),
    ("GET", "/models/models", shelf("models")),
    ("GET", "/models/models/([^/]+)", one("model", "models")),
    (
        "GET",
        "/models/models/([^/]+)/versions",
        Double._list_versions,
    ),
    (
        "GET",
        "/models/models/([^/]+)/versions/([0-9]+)",
        lambda d, r, b, name, number: d._one("version", d.versions, (name, int(number))),
    ),
    (
        "GET",
        "/models/models/([^/]+)/versions/([0-9]+)/model.onnx",
        lambda d, *_: httpx.Response(
            200, content=b"onnx", headers={"Content-Type": "application/octet-stream"}
        ),
    ),
    ("GET", "/models/models/([^/]+)/history", Double._history),
    ("GET", "/models/models/([^/]+)/compare", Double._compare),
    ("GET", "/models/models/([^/]+)/aliases/([^/]+)/traffic", Double._traffic),
    ("PUT", "/models/models/([^/]+)/aliases/([^/]+)/traffic", Double._share_out),
    ("DELETE", "/models/models/([^/]+)/aliases/([^/]+)/traffic", Double._alias),
    (
        "GET",
        "/prediction/models/([^/]+)/versions/[0-9]+/schema.proto",
        lambda d, *_: httpx.Response(
            200, text='syntax = "proto3";', headers={"Content-Type": "text/plain"}
        ),
    ),
    ("DELETE", "/models/models/([^/]+)", Double._delete_model),
    ("POST", "/models/models/([^/]+)/restore", Double._restore_model),
    ("DELETE", "/models/models/([^/]+)/versions/([0-9]+)", Double._delete_version),
    ("PUT", "/models/models/([^/]+)/aliases/([^/]+)", Double._alias),
    ("POST", "/models/models/([^/]+)/aliases/([^/]+)/rollback", Double._alias),
    ("GET", "/prediction/models/([^/]+)(?:/versions/[0-9]+)?/signature", Double._signature),
    ("POST", "/prediction/models/([^/]+)(?:/versions/[0-9]+)?/predict", Double._predict),
    ("POST", "/training/jobs/([^/]+)/again", one("job", "jobs", 202)),
    *MONITORED,
    *BATCHED,
    *IMPORTED,
    *REPORTED,
]
