"""An in-memory double of the functions, as far as the pages need it: same paths, same shapes."""

import json
import re

import httpx

COLUMNS = [
    {"name": "age", "kind": "number", "minimum": 0, "maximum": 120},
    {"name": "sex", "kind": "category", "required": True, "levels": ["female", "male"]},
    {"name": "alone", "kind": "boolean"},
    {"name": "survived", "kind": "integer", "required": True},
]
ALGORITHMS = [
    {"name": "random_forest", "tasks": ["binary", "multiclass", "regression"]},
    {"name": "ridge", "tasks": ["regression"]},
]
EVALUATION = {
    "metrics": {"roc_auc": 0.87, "accuracy": 0.81, "log_loss": 0.41},
    "baseline": {"roc_auc": 0.5, "accuracy": 0.62, "log_loss": 0.66},
    "measure": "roc_auc",
    "roc": [[0, 0], [0, 0.5], [0.2, 0.8], [1, 1]],
    "confusion": {"labels": ["0", "1"], "matrix": [[90, 10], [20, 60]]},
    "importance": [{"column": "sex", "value": 0.2}, {"column": "age", "value": -0.01}],
    "parity": {"rows": 180, "max_difference": 1e-7, "tolerance": 1e-5, "agree": True},
}
SIGNATURE = {
    "task": "binary",
    "target": "survived",
    "columns": COLUMNS[:3],
    "features": [
        {"column": "age", "input": "age", "encoding": "float"},
        {"column": "sex", "input": "sex", "encoding": "string", "levels": ["female", "male"]},
    ],
    "labels": ["0", "1"],
}


def problem(status, detail, *errors):
    body = {"title": "x", "status": status, "detail": detail, "errors": list(errors)}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def candidate(index, **more):
    base = {"index": index, "algorithm": "random_forest", "settings": {"n": 5}, "folds": 5}
    return base | {"state": "running", "folds_done": 2, "metrics": {}} | more


class Double:
    """Answers the calls; tests look into it and change it."""

    def __init__(self):
        self.requests = []
        self.uploads = {}
        self.datasets = {}
        self.records = {}
        self.jobs = {}
        self.models = {}
        self.versions = {}
        self.answers = {}
        self.events = []

    # What a test puts there beforehand.

    def add_dataset(self, name="titanic", state="ready", columns=None, rows=None, **more):
        columns = columns or COLUMNS
        rows = (
            [{"age": 29.0, "sex": "female", "alone": None, "survived": 1}] if rows is None else rows
        )
        self.records[name] = {
            f"r{n}": {"id": f"r{n}", "version": 1, "values": row} for n, row in enumerate(rows)
        }
        self.datasets[name] = {
            "id": name,
            "name": name,
            "state": state,
            "rows": len(rows),
            "rows_done": len(rows),
            "revision": 1,
            "columns": columns,
        } | more
        return self.datasets[name]

    def add_job(self, job="j1", state="running", **more):
        self.jobs[job] = {
            "id": job,
            "state": state,
            "dataset": "titanic",
            "target": "survived",
            "model": "titanic",
            "progress": 0.4,
            "candidates": [candidate(0)],
        } | more
        return self.jobs[job]

    def add_model(self, name="titanic", versions=1, champion=1):
        self.models[name] = {
            "name": name,
            "task": "binary",
            "latest": versions,
            "revision": versions,
            "aliases": {"champion": champion} if champion else {},
        }
        for number in range(1, versions + 1):
            self.versions[name, number] = {
                "model": name,
                "version": number,
                "job": "j1",
                "dataset": "titanic",
                "revision": 1,
                "target": "survived",
                "task": "binary",
                "algorithm": "random_forest",
                "metrics": {"holdout": EVALUATION["metrics"]},
                "evaluation": EVALUATION,
                "signature": SIGNATURE,
                "file": {"path": "x", "sha256": "ab", "bytes": 1234},
                "card": "# Card",
            }

    # What the pages call.

    def __call__(self, request):
        assert request.headers["Authorization"] == "Bearer mf_key"
        body = b"".join(request.stream)
        path = request.url.path.removeprefix("/function")
        self.requests.append((request.method, path, body))
        if (request.method, path) in self.answers:
            answer = self.answers[request.method, path]
            if isinstance(answer, Exception):
                raise answer
            return answer
        for method, pattern, handler in ROUTES:
            found = re.fullmatch(pattern, path)
            if method == request.method and found:
                return handler(self, request, body, *found.groups())
        return problem(404, f"There is no route {request.method} {path}.")

    def _shelf(self, items, request):
        """Answer a page: the cursor is the place of its first item."""
        begin = int(request.url.params.get("cursor", 0))
        end = begin + int(request.url.params["limit"])
        follows = str(end) if end < len(items) else None
        return httpx.Response(200, json={"items": items[begin:end], "next": follows})

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

    def _upload(self, request, body):
        name = request.url.params["name"]
        boundary = request.headers["Content-Type"].partition("boundary=")[2]
        content = body.partition(b"\r\n\r\n")[2]
        self.uploads[name] = content.removesuffix(f"\r\n--{boundary}--\r\n".encode())
        return httpx.Response(202, json=self.add_dataset(name, state="importing", rows_done=0))

    def _list_records(self, request, body, dataset):
        items = list(self.records[dataset].values())
        return httpx.Response(200, json={"items": items, "next": "c2"})

    def _add_record(self, request, body, dataset):
        record = {"id": "new", "version": 1, "values": json.loads(body)["values"]}
        self.records[dataset]["new"] = record
        return httpx.Response(201, json=record)

    def _amend(self, request, body, dataset, key):
        record = self.records[dataset][key]
        if request.headers["If-Match"] != f'"{record["version"]}"':
            return problem(412, "stale")
        values = json.loads(body)["values"]
        if values.get("age") == 500:
            return problem(
                422, "refused", {"column": "age", "value": "500", "reason": "Expected at most 120"}
            )
        record["values"] |= values
        record["version"] += 1
        return httpx.Response(200, json=record)

    def _remove(self, request, body, dataset, key):
        if request.headers["If-Match"] != f'"{self.records[dataset][key]["version"]}"':
            return problem(412, "stale")
        del self.records[dataset][key]
        return httpx.Response(204)

    def _start(self, request, body):
        order = json.loads(body)
        if order["target"] == "age":
            return problem(
                422, "The target has 40 different values.", {"column": "age", "reason": "x"}
            )
        return httpx.Response(202, json=self.add_job("j2", state="queued", candidates=[]))

    def _events(self, request, body, job):
        if job not in self.jobs:
            return problem(404, f"There is no job '{job}'.")
        text = "".join(
            ": still here\n\n" if one is None else f"event: job\ndata: {json.dumps(one)}\n\n"
            for one in self.events
        )
        return httpx.Response(200, text=text, headers={"Content-Type": "text/event-stream"})

    def _predict(self, request, body, model):
        record = json.loads(body)["records"][0]
        one = {"label": "1", "probability": 0.93, "probabilities": {"0": 0.07, "1": 0.93}}
        self.asked = record
        return httpx.Response(
            200, json={"id": "p1", "model": model, "version": 1, "predictions": [one]}
        )


def shelf(name):
    return lambda double, request, body: double._shelf([*getattr(double, name).values()], request)


def one(kind, name):
    return lambda double, request, body, key: double._one(kind, getattr(double, name), key)


def ok(answer):
    return lambda double, *_: httpx.Response(200, json=answer)


ROUTES = [
    ("GET", "/datasets/datasets", shelf("datasets")),
    ("POST", "/datasets/datasets", Double._upload),
    ("GET", "/datasets/datasets/([^/]+)", one("dataset", "datasets")),
    ("PATCH", "/datasets/datasets/([^/]+)", Double._patch),
    ("DELETE", "/datasets/datasets/([^/]+)", lambda d, r, b, k: httpx.Response(204)),
    (
        "GET",
        "/datasets/datasets/([^/]+)/export.csv",
        lambda d, *_: httpx.Response(200, text="a,b\n"),
    ),
    ("GET", "/datasets/datasets/([^/]+)/records", Double._list_records),
    ("POST", "/datasets/datasets/([^/]+)/records", Double._add_record),
    (
        "GET",
        "/datasets/datasets/([^/]+)/records/([^/]+)",
        lambda d, r, b, name, key: httpx.Response(200, json=d.records[name][key]),
    ),
    ("PATCH", "/datasets/datasets/([^/]+)/records/([^/]+)", Double._amend),
    ("DELETE", "/datasets/datasets/([^/]+)/records/([^/]+)", Double._remove),
    ("GET", "/training/algorithms", ok({"items": ALGORITHMS, "next": None})),
    ("GET", "/training/jobs", shelf("jobs")),
    ("POST", "/training/jobs", Double._start),
    ("GET", "/training/jobs/([^/]+)", one("job", "jobs")),
    ("GET", "/training/jobs/([^/]+)/events", Double._events),
    ("POST", "/training/jobs/([^/]+)/cancel", one("job", "jobs")),
    ("GET", "/models/models", shelf("models")),
    ("GET", "/models/models/([^/]+)", one("model", "models")),
    (
        "GET",
        "/models/models/([^/]+)/versions",
        lambda d, r, b, name: d._shelf(
            [v for (n, _), v in reversed(d.versions.items()) if n == name], r
        ),
    ),
    (
        "GET",
        "/models/models/([^/]+)/versions/([0-9]+)",
        lambda d, r, b, name, number: d._one("version", d.versions, (name, int(number))),
    ),
    (
        "GET",
        "/models/models/([^/]+)/versions/([0-9]+)/model.onnx",
        lambda d, *_: httpx.Response(200, content=b"onnx"),
    ),
    ("DELETE", "/models/models/([^/]+)", Double._delete_model),
    ("DELETE", "/models/models/([^/]+)/versions/([0-9]+)", Double._delete_version),
    ("PUT", "/models/models/([^/]+)/aliases/([^/]+)", ok({})),
    ("POST", "/models/models/([^/]+)/aliases/([^/]+)/rollback", ok({})),
    ("GET", "/prediction/models/([^/]+)(?:/versions/[0-9]+)?/signature", ok(SIGNATURE)),
    ("POST", "/prediction/models/([^/]+)(?:/versions/[0-9]+)?/predict", Double._predict),
]
