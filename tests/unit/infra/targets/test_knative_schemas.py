"""The Knative files, by the resource definitions that Knative itself gives a cluster."""

import copy
import importlib
import warnings
from typing import Any

import jsonschema
import pytest

from infra.local.deploying import manifests

KINDS = {
    "Service": "cloudcoil.models.knative_serving.serving.v1",
    "Broker": "cloudcoil.models.knative_eventing.eventing.v1",
    "Trigger": "cloudcoil.models.knative_eventing.eventing.v1",
    "PingSource": "cloudcoil.models.knative_eventing.sources.v1",
}


def schema(kind: str) -> dict[str, Any]:
    """Return a kind's schema, in which no field may stand that there is not."""
    with warnings.catch_warnings():  # fields whose names its base class has
        warnings.simplefilter("ignore")
        model = getattr(importlib.import_module(KINDS[kind]), kind)
        found: dict[str, Any] = model.model_json_schema(by_alias=True)
    for one in (found, *found["$defs"].values()):
        if one.get("properties"):
            one.setdefault("additionalProperties", False)
    return found


ITEMS = manifests.load(manifests.KNATIVE)
SCHEMAS = {kind: schema(kind) for kind in KINDS}


def test_there_is_one_of_each_kind() -> None:
    assert {item["kind"] for item in ITEMS} == set(KINDS)


@pytest.mark.parametrize(
    "item", ITEMS, ids=lambda item: f"{item['kind']}-{item['metadata']['name']}"
)
def test_every_file_is_what_knative_takes(item: dict[str, Any]) -> None:
    jsonschema.validate(item, SCHEMAS[item["kind"]])


def test_the_schemas_refuse_what_they_ought_to() -> None:
    service = next(item for item in ITEMS if item["kind"] == "Service")
    for place, name, value in (
        (("spec",), "replicas", 1),
        (("spec", "template", "spec"), "timeoutSecond", 5),
        (("spec", "template", "spec"), "timeoutSeconds", "long"),
    ):
        wrong = copy.deepcopy(service)
        at = wrong
        for key in place:
            at = at[key]
        at[name] = value
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, SCHEMAS["Service"])
