"""What is asked of Google's APIs, and what the tests' cloud answers, is what they describe.

Google's discovery documents, which its client library for Python carries, are the measure.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.targets import cloud_run
from infra.local.targets.described import functions
from tests.support import environments
from tests.support.servers import google_project

PINS = Path(__file__).parents[2] / "support" / "google" / "descriptions.txt"
FOLDER = "googleapiclient/discovery_cache/documents"
KINDS: dict[str, Any] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
}
ASKED = sorted(google_project.things())


@pytest.fixture(scope="module")
def descriptions() -> dict[str, Any]:
    """Give each API's description, by `SERVICE/vN`."""
    [package] = environments.packages(PINS)
    versions = {"/".join(path.split("/")[:2]) for path in ASKED} - {"storage/storage"}
    found = {}
    with zipfile.ZipFile(package) as packed:
        for version in (*versions, "storage/v1", "run/v1"):
            name = version.replace("/", ".")
            found[version] = json.loads(packed.read(f"{FOLDER}/{name}.json"))
    return found


def methods(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from methods(inner)


def described(path: str, descriptions: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the API that a path belongs to, and the method that is called by it."""
    service, rest = path.split("/", 1)
    version = "v1" if service == "storage" else rest.split("/")[0]
    api = descriptions[f"{service}/{version}"]
    verb = "POST" if path.startswith("cloudresourcemanager") and "Policy" in path else "GET"
    found = [
        method
        for method in methods(api)
        if method["httpMethod"] == verb
        and re.fullmatch(pattern(api["servicePath"] + method.get("flatPath", method["path"])), rest)
    ]
    assert len(found) == 1, f"{verb} {rest}: {[one['id'] for one in found]}"
    return api, found[0]


def pattern(path: str) -> str:
    """Return the expression of a path with `{names}` in it."""
    parts = re.split(r"\{[^}]+\}", path)
    return "[^/:]+".join(re.escape(part) for part in parts)


def faults(value: Any, schema: dict[str, Any], schemas: dict[str, Any], at: str) -> Iterator[str]:
    """Yield where a value has not the form that is described."""
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    kind = schema["type"]
    if kind == "object":
        if not isinstance(value, dict):
            yield f"{at} is no object"
            return
        known = schema.get("properties", {})
        others: dict[str, Any] = schema.get("additionalProperties", {})
        for name, inner in value.items():
            if name in known or others:
                yield from faults(inner, known.get(name, others), schemas, f"{at}.{name}")
            else:
                yield f"{at}.{name} is not described"
    elif not isinstance(value, KINDS[kind]):
        yield f"{at} is no {kind}"
    elif kind == "array":
        for number, inner in enumerate(value):
            yield from faults(inner, schema["items"], schemas, f"{at}[{number}]")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value}, none of {schema['enum']}"


@pytest.mark.parametrize("path", ASKED)
def test_each_answer_has_the_described_form(path: str, descriptions: dict[str, Any]) -> None:
    api, method = described(path, descriptions)
    answer = google_project.things()[path]
    assert list(faults(answer, method["response"], api["schemas"], "answer")) == []


def test_what_has_another_form_is_found(descriptions: dict[str, Any]) -> None:
    path = next(path for path in ASKED if path.endswith("/databases/(default)"))
    api, method = described(path, descriptions)
    wrong = {"name": 1, "type": "FIRESTORE", "colour": "red"}
    found = list(faults(wrong, method["response"], api["schemas"], "answer"))
    assert len(found) == 3


@pytest.mark.parametrize(
    ("service", "schema", "names"),
    [
        (
            "run/v2",
            "GoogleCloudRunV2Service",
            {"template", "terminalCondition", "invokerIamDisabled"},
        ),
        ("pubsub/v1", "Subscription", {"pushConfig", "filter", "expirationPolicy", "state"}),
        ("cloudscheduler/v1", "Job", {"httpTarget", "schedule", "state", "status"}),
        ("storage/v1", "Bucket", {"iamConfiguration", "lifecycle", "projectNumber", "location"}),
        (
            "firestore/v1",
            "GoogleFirestoreAdminV1Database",
            {"type", "databaseEdition", "locationId", "deleteProtectionState"},
        ),
    ],
)
def test_what_is_looked_at_is_described(
    service: str, schema: str, names: set[str], descriptions: dict[str, Any]
) -> None:
    assert names <= descriptions[service]["schemas"][schema]["properties"].keys()


def test_each_service_of_a_deploy_is_one_of_cloud_run_s(descriptions: dict[str, Any]) -> None:
    schemas = descriptions["run/v1"]["schemas"]
    for function in functions():
        made = cloud_run.service(function, "r.example/mayfly/a:1", "a-project", {"A": "b"})
        assert list(faults(made, {"$ref": "Service"}, schemas, function.name)) == []
    made["spec"]["template"]["spec"]["containers"][0]["resources"]["limit"] = {}
    assert list(faults(made, {"$ref": "Service"}, schemas, "made")) == [
        "made.spec.template.spec.containers[0].resources.limit is not described"
    ]
