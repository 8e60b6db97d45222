"""The functions' API descriptions as they give them, and a check of answers against them."""

import functools
import json
import re
from typing import Any, NamedTuple
from unittest.mock import Mock

import jsonschema
from flask import Flask, request

from functions.accounts.transport import activity, keys, plans
from functions.accounts.transport import routes as accounts
from functions.datasets.transport import routes as datasets
from functions.kit.contract.access.identity import of_first_key
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.models.transport import own_model_routes, state_routes, traffic_routes
from functions.models.transport import routes as models
from functions.monitoring.transport import routes as monitoring
from functions.prediction.transport.batches import routes as batches
from functions.prediction.transport.open_inference import routes as protocol
from functions.prediction.transport.records import routes as prediction
from functions.prediction.transport.tasks import routes as tasks
from functions.reports.transport import routes as reports
from functions.training.transport import routes as training

NAMES = ("accounts", "datasets", "models", "monitoring", "prediction", "reports", "training")
GATEWAY = {429, 502, 504}  # what stands for a function that cannot be called
SIGNED = {"Authorization": "Bearer mf_key"}
JSON = "application/json"
PROBLEM = "application/problem+json"


def api_of(name: str) -> Api:
    """Return a function's routes, those of its steps, too, without anything behind them."""
    everybody = of_first_key()
    api, service = Api(name, "", Access(name, "secret", lambda _: everybody), 100), Mock()
    if name == "accounts":
        accounts.add(api, service, 0)
        keys.add(api, service)
        plans.add(api, service)
        activity.add(api, service, service, service)
    elif name == "datasets":
        datasets.add(api, service)
    elif name == "models":
        models.add(api, service, service)
        traffic_routes.add(api, service)
        own_model_routes.add(api, service)
        state_routes.add(api, service)
    elif name == "monitoring":
        monitoring.add(api, service, 100, service)
    elif name == "reports":
        reports.add(api, service, service)
    elif name == "training":
        training.add(api, service, service, service)
    else:
        prediction.add(api, service, service)
        protocol.add(api, service, service)
        batches.add(api, service, service, 100)
        tasks.add(api, service, service, service)
    return api


@functools.cache
def described(name: str) -> dict[str, Any]:
    """Return what the function's `/openapi.json` answers."""
    api = api_of(name)
    app = Flask(name)
    app.add_url_rule("/<path:path>", view_func=lambda path: api.handle(request))
    found: dict[str, Any] = app.test_client().get("/openapi.json", headers=SIGNED).get_json()
    return found


class Operation(NamedTuple):
    """One route of a function."""

    function: str
    place: str
    described: dict[str, Any]

    def check_request(self, query: set[str], kind: str, body: bytes) -> None:
        """Fail where the route does not know a query parameter, or does not take the body."""
        known = self.parameters("query")
        assert query <= known, f"{self.place} does not know {query - known}"
        schema = self._schema(self.described.get("requestBody", {}), kind)
        if schema is not None:
            self._check(schema, json.loads(body), "the body of")

    def parameters(self, place: str) -> set[str]:
        """Return the names of the parameters in a place: "path", "query", "header"."""
        shared = described(self.function)["components"]["parameters"]
        found = [
            shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
            for one in self.described["parameters"]
        ]
        return {one["name"] for one in found if one["in"] == place}

    def check_status(self, status: int) -> None:
        """Fail where the route does not name a status."""
        assert str(status) in self.described["responses"], f"{self.place} never answers {status}"

    def check_answer(self, status: int, kind: str, body: bytes) -> None:
        """Fail where an answer is none that the route describes, nor one of the gateway's."""
        if status not in GATEWAY:
            self.check_status(status)
        responses = self.described["responses"]
        response = responses.get(str(status), responses["default"])
        schema = self._schema(response, kind)
        if schema is not None:
            self._check(schema, json.loads(body), f"the {status} of")

    def _schema(self, described: dict[str, Any], kind: str) -> Any:
        """Return the schema of a body of media type `kind`; None where it is no JSON."""
        content = described.get("content", {})
        kind = kind.partition(";")[0]
        assert kind in content or (not kind and not content), f"{self.place}: {kind or 'no body'}"
        return content[kind].get("schema") if kind else None

    def _check(self, schema: Any, value: Any, what: str) -> None:
        try:
            _validator(self.function, json.dumps(schema)).validate(value)
        except jsonschema.ValidationError as error:
            raise AssertionError(
                f"{what} {self.place}: {error.message} at {error.json_path}"
            ) from None


def operation(function: str, method: str, path: str) -> Operation:
    """Return the route of `function` that `method` and `path` mean; fail where there is none."""
    found = find_operation(function, method, path)
    assert found is not None, f"{function} has no route {method} {path}"
    return found


def find_operation(function: str, method: str, path: str) -> Operation | None:
    """Return the described route of `function` that `method` and `path` mean, if there is one."""
    verb = "get" if method == "HEAD" else method.lower()
    paths = described(function)["paths"]
    for template in sorted(paths, key=lambda one: one.count("{")):  # a segment's own name first
        found = paths[template].get(verb)
        if found and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return Operation(function, f"{method} {template} of {function}", found)
    return None


@functools.cache
def _validator(function: str, schema: str) -> jsonschema.Draft202012Validator:
    whole = {**json.loads(schema), "components": described(function)["components"]}
    return jsonschema.Draft202012Validator(_closed(whole))


def _closed(schema: Any) -> Any:
    """Return the schema without room for fields that it does not name: they would be misspelt."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        closed.setdefault("additionalProperties", False)
    return closed
