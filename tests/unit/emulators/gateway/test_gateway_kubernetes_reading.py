"""What clients read: selectors, tables, ages, discovery, refusals, kubeconfig."""

from typing import Any

import pytest

from emulators.gateway.apis.kubernetes import discovery, tables
from emulators.gateway.apis.kubernetes.kubeconfig import kubeconfig
from emulators.gateway.apis.kubernetes.resources import (
    CONFIG_MAP,
    POD,
    SERVICE,
    TRIGGER,
)
from emulators.gateway.apis.kubernetes.selectors import selector
from emulators.gateway.errors import Exists, GatewayError, NotFound, Stale
from emulators.gateway.http.kubernetes_status import failure

THING = {
    "metadata": {
        "name": "web",
        "namespace": "default",
        "labels": {"app": "web", "tier": "front"},
        "creationTimestamp": "2026-01-01T00:00:00Z",
    },
    "data": {"a": "1", "b": "2"},
}
AT = 1767225600.0  # the same moment


@pytest.mark.parametrize(
    ("labels", "taken"),
    [
        ("", True), ("app", True), ("app=web", True), ("app==web", True), ("app = web", True),
        ("app=db", False), ("!app", False), ("!db", True), ("app!=db", True), ("no!=db", True),
        ("app!=web", False), ("app in (web,db)", True), ("app in ( db )", False),
        ("app notin (db)", True), ("app notin (web)", False), ("no notin (a)", True),
        ("app in (web,db),tier=front", True), ("app=web,tier=back", False), ("app=", False),
        ("serving.knative.dev/service=web", False),
    ],
)  # fmt: skip
def test_label_selectors(labels: str, taken: bool) -> None:
    assert selector(labels, "")(THING) is taken


@pytest.mark.parametrize(
    ("fields", "taken"),
    [
        ("metadata.name=web", True),
        ("metadata.name==db", False),
        ("metadata.name!=web", False),
        ("metadata.name=web,metadata.namespace=default", True),
        ("involvedObject.uid=", True),
    ],
)
def test_field_selectors(fields: str, taken: bool) -> None:
    assert selector("", fields)(THING) is taken


@pytest.mark.parametrize(("labels", "fields"), [("a in b", ""), ("=a", ""), ("", "spec.x=1")])
def test_what_is_no_selector_is_refused(labels: str, fields: str) -> None:
    with pytest.raises(GatewayError, match="Selector"):
        selector(labels, fields)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (135, "2m15s"), (600, "10m"),
        (3 * 3600, "3h"), (3 * 3600 + 300, "3h5m"), (8 * 3600, "8h"), (47 * 3600, "47h"),
        (48 * 3600, "2d"), (2 * 86400 + 3600, "2d1h"), (8 * 86400, "8d"), (729 * 86400, "729d"),
        (2 * 365 * 86400, "2y"), (3 * 365 * 86400 + 86400, "3y1d"), (9 * 365 * 86400, "9y"),
    ],
)  # fmt: skip
def test_ages_read_as_kubectl_s(seconds: float, shown: str) -> None:
    assert tables.age(seconds) == shown


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", True),
        ("application/json;as=Table;g=meta.k8s.io;v=v1, application/json", True),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", False),
        ("application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_who_wants_a_table(accept: str, wanted: bool) -> None:
    assert tables.is_wanted(accept) is wanted


@pytest.mark.parametrize(
    ("include", "held"), [("None", None), ("Metadata", "PartialObjectMetadata"), ("Object", "")]
)
def test_a_table_s_rows(include: str, held: str | None) -> None:
    thing = {**THING, "kind": ""}
    table = tables.table(CONFIG_MAP, [thing], "7", include, AT + 65)
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    (row,) = table["rows"]
    assert row["cells"] == ["web", 2, "65s"]
    assert row.get("object", {}).get("kind") == held


def test_conditions_fill_their_columns() -> None:
    conditions = [{"type": "Other", "status": "True"}]
    service: dict[str, Any] = {"metadata": {"name": "a"}, "status": {"conditions": conditions}}
    assert tables.table(SERVICE, [service], "1", "None", AT)["rows"][0]["cells"][4:] == ["", ""]
    conditions.append({"type": "Ready", "status": "False", "reason": "Broken"})
    cells = tables.table(SERVICE, [service], "1", "None", AT)["rows"][0]["cells"]
    assert cells[4:] == ["False", "Broken"]


def test_discovery_tells_groups_versions_and_names() -> None:
    kinds = [SERVICE, TRIGGER, CONFIG_MAP, POD]
    groups = discovery.groups(kinds)["groups"]
    assert [group["name"] for group in groups] == ["serving.knative.dev", "eventing.knative.dev"]
    preferred = discovery.group("serving.knative.dev", kinds)["preferredVersion"]
    assert preferred["groupVersion"] == "serving.knative.dev/v1"
    core = discovery.listing("v1", kinds)["resources"]
    assert [entry["name"] for entry in core] == ["configmaps", "pods"]
    assert core[0]["shortNames"] == ["cm"]
    assert "create" not in core[1]["verbs"]


def test_a_refusal_is_a_status() -> None:
    told = failure(NotFound("there is none", "make one"))
    assert (told["kind"], told["status"], told["reason"], told["code"]) == (
        "Status",
        "Failure",
        "NotFound",
        404,
    )
    assert told["message"] == "there is none: make one"
    error = Exists("there", about={"name": "x"})
    assert (failure(error)["reason"], failure(error)["code"]) == ("AlreadyExists", 409)
    assert (failure(Stale("old"))["reason"], failure(Stale("old"))["code"]) == ("Conflict", 409)
    assert failure(error)["details"] == {"name": "x"}


def test_a_kubeconfig_carries_odd_passwords() -> None:
    config = kubeconfig("0.0.0.0", 8080, "admin", "a/b@c")
    assert config["clusters"][0]["cluster"]["server"] == "http://admin:a%2Fb%40c@127.0.0.1:8080"
    assert config["users"][0]["user"]["password"] == "a/b@c"


def test_a_kubeconfig_names_an_address_of_ipv6() -> None:
    cluster = kubeconfig("::1", 8080, "admin", "x")["clusters"][0]["cluster"]
    assert cluster["server"] == "http://admin:x@[::1]:8080"
