"""An in-memory double of the gateway's own API, as far as the pages need it."""

import base64
import json
import re

import httpx

PASSWORD = "only these pages know"
BASIC = f"Basic {base64.b64encode(f'admin:{PASSWORD}'.encode()).decode()}"
SERVICES = "/apis/serving.knative.dev/v1/namespaces/default/services"
LOG = [{"name": "models", "instance": "m-1", "timestamp": "2026-01-02T12:00:00Z", "text": "hello"}]
METRICS = """\
# TYPE gateway_functions_seconds histogram
gateway_functions_seconds_bucket{function_name="models.openfaas-fn",code="200",le="0.1"} 90.0
gateway_functions_seconds_bucket{function_name="models.openfaas-fn",code="200",le="1.0"} 100.0
gateway_functions_seconds_bucket{function_name="models.openfaas-fn",code="200",le="+Inf"} 100.0
# TYPE gateway_function_invocation_total counter
gateway_function_invocation_total{function_name="models.openfaas-fn",code="200"} 1200.0
gateway_function_invocation_total{function_name="models.openfaas-fn",code="404"} 30.0
gateway_function_invocation_total{function_name="models.openfaas-fn",code="502"} 4.0
# TYPE gateway_cold_start_seconds histogram
gateway_cold_start_seconds_bucket{function_name="models.openfaas-fn",le="0.05"} 7.0
gateway_cold_start_seconds_bucket{function_name="models.openfaas-fn",le="+Inf"} 7.0
"""


def status(name, **more):
    return {"name": name, "replicas": 1, "availableReplicas": 1, "invocationCount": 9} | more


def service(name, *revisions, version="5"):
    newest = revisions[-1]
    share = {"revisionName": newest, "latestRevision": True, "percent": 100}
    annotations = {"autoscaling.knative.dev/max-scale": "4"}
    return {
        "metadata": {"name": name, "resourceVersion": version},
        "spec": {"template": {"metadata": {"annotations": annotations}}, "traffic": []},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "latestCreatedRevisionName": newest,
            "url": f"http://{name}.default.localhost:8080",
            "traffic": [share],
        },
    }


def revision(of, name, number):
    labels = {
        "serving.knative.dev/service": of,
        "serving.knative.dev/configurationGeneration": str(number),
    }
    return {"metadata": {"name": name, "labels": labels}, "status": {"actualReplicas": 1}}


def trigger(name, to):
    ref = {"kind": "Service", "name": to}
    spec = {
        "broker": "default",
        "filter": {"attributes": {"type": "dev.mayfly.step"}},
        "subscriber": {"ref": ref, "uri": "/steps"},
    }
    return {"metadata": {"name": name}, "spec": spec}


def ping(name, to):
    ref = {"kind": "Service", "name": to}
    sink = {"ref": ref, "uri": "/steps/overdue"}
    return {"metadata": {"name": name}, "spec": {"schedule": "*/5 * * * *", "sink": sink}}


class PlaneDouble:
    """Answers the calls; tests look into it and change it.

    Attributes:
        openfaas, knative: whether the platform has that API.
        changes: what was asked to change: method, path, body.
    """

    def __init__(self):
        names = ("models-00001", "models-00002")
        self.openfaas = self.knative = True
        self.password = BASIC
        self.statuses = {"models": status("models"), "hash": status("hash")}
        self.services = {"models": service("models", *names)}
        self.revisions = [revision("models", name, n) for n, name in enumerate(names, 1)]
        self.triggers = [trigger("models-steps", "models"), trigger("other", "training")]
        self.pings = [ping("models-overdue", "models")]
        self.lines = list(LOG)
        self.entries = []
        self.anomalies = []
        self.changes = []
        self.asked = []

    def __call__(self, request):
        body = b"".join(request.stream)
        path = request.url.path
        self.asked.append(path)
        if path == "/metrics":
            assert "Authorization" not in request.headers, "nobody's password is for this"
            return httpx.Response(200, text=METRICS)
        if request.headers.get("Authorization") != self.password:
            return httpx.Response(401, text="invalid credentials")
        if not (self.openfaas if path.startswith("/system/") else self.knative):
            return httpx.Response(404, json={"detail": "GATEWAY_APIS leaves it out"})
        if request.method == "GET":
            return self._read(path, request.url.params)
        return self._change(request, path, json.loads(body))

    def _read(self, path, query):
        lists = {
            SERVICES: self.services.values(),
            SERVICES.replace("services", "revisions"): self.revisions,
            "/apis/eventing.knative.dev/v1/namespaces/default/triggers": self.triggers,
            "/apis/sources.knative.dev/v1/namespaces/default/pingsources": self.pings,
            "/api/v1/namespaces/default/pods": [{"metadata": {"name": "m-1"}}],
        }
        if path == "/system/functions":
            return httpx.Response(200, json=list(self.statuses.values()))
        if path == "/system/logs/search":
            self.searched = dict(query)
            if query.get("name", "models") not in ("models", "web"):
                told = {"detail": "nobody called that logs here", "remedy": "give one of models"}
                return httpx.Response(400, json=told)
            return httpx.Response(200, json={"lines": self.entries})
        if path == "/system/logs/anomalies":
            moments = {"since": "2026-01-02T12:00:00Z", "until": "2026-01-02T12:05:00Z"}
            return httpx.Response(200, json={**moments, "anomalies": self.anomalies})
        if path == "/system/logs":
            known = query["name"] in self.statuses
            return httpx.Response(
                200 if known else 404, text="\n".join(map(json.dumps, self.lines))
            )
        if path in lists:
            return httpx.Response(200, json={"items": list(lists[path])})
        if path.endswith("/pods/m-1/log"):
            return httpx.Response(200, text="2026-01-02T12:00:00Z from a pod\n")
        *_, kind, name = path.split("/")
        shelf = self.services if kind == "services" else self.statuses
        assert kind in ("services", "function"), path
        if name not in shelf:
            return httpx.Response(404, json={"message": f"there is no {name}"})
        return httpx.Response(200, json=shelf[name])

    def _change(self, request, path, given):
        found = re.fullmatch(f"{SERVICES}/(.+)", path)
        if found:
            assert request.headers["Content-Type"] == "application/merge-patch+json"
            current = self.services[found[1]]["metadata"]["resourceVersion"]
            if given["metadata"]["resourceVersion"] != current:
                return httpx.Response(409, json={"message": "the object has been modified"})
        elif given["replicas"] > 20:
            told = {"detail": "replicas: 99 is out of range", "remedy": "give 0 to 20"}
            return httpx.Response(400, json=told)
        self.changes.append((request.method, path, given))
        return httpx.Response(202, json={})
