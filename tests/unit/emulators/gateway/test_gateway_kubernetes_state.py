"""What the API keeps: versions and changes, metadata, folders of config maps; protobuf bodies."""

from pathlib import Path
from typing import Any

import pytest

from emulators.gateway.apis.kubernetes import objects, protobuf, resource_versions
from emulators.gateway.apis.kubernetes.resource_versions import ResourceVersions, event
from emulators.gateway.errors import Expired, GatewayError
from emulators.gateway.model.revision import Revision
from emulators.gateway.service.configuration.configs import Config, ConfigStore, checked_config
from emulators.gateway.service.deployments.readiness import Readiness


def thing(name: str, **rest: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "default"}, **rest}


def told(versions: ResourceVersions, version: int) -> list[tuple[str, str]]:
    events = [
        event(change, lambda found: "odd" not in found) for change in versions.since(version, "r")
    ]
    return [(kind, found["metadata"]["name"]) for kind, found in filter(None, events)]


def test_what_differs_gets_a_new_version() -> None:
    versions = ResourceVersions(100)
    (first,) = versions.show_all("r", [thing("a")])
    assert first["metadata"]["resourceVersion"] == "101"
    assert versions.show_all("r", [thing("a")]) == [first]
    second = versions.show(("r", "default", "a"), thing("a", x=1))
    assert second is not None
    assert second["metadata"]["resourceVersion"] == "102"
    assert versions.version == 102


def test_changes_since_a_version_are_told() -> None:
    versions = ResourceVersions(100)
    versions.show_all("r", [thing("a"), thing("b")])
    start = versions.version
    versions.show_all("other", [thing("z")])
    versions.show_all("r", [thing("a", x=1), thing("c")])
    assert told(versions, start) == [("DELETED", "b"), ("MODIFIED", "a"), ("ADDED", "c")]
    assert told(versions, versions.version) == []


def test_what_a_selector_stops_taking_is_gone_for_its_watcher() -> None:
    versions = ResourceVersions(100)
    versions.show_all("r", [thing("a"), thing("b", odd=1)])
    start = versions.version
    versions.show_all("r", [thing("a", odd=1), thing("b")])
    versions.show_all("r", [thing("b")])
    assert told(versions, start) == [("DELETED", "a"), ("ADDED", "b")]


def test_changes_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource_versions, "KEPT", 3)
    versions = ResourceVersions(100)
    for number in range(5):
        versions.show_all("r", [thing("a", x=number)])
    assert len(told(versions, 102)) == 3
    for version in (101, 5):
        with pytest.raises(Expired, match="too old"):
            versions.since(version, "r")


def test_a_generation_counts_changes_of_what_is_asked_for() -> None:
    fresh = {"uid": "1", "creationTimestamp": "then"}
    made = objects.revised(thing("a", spec={"x": 1}), None, fresh)
    assert made["metadata"]["generation"] == 1
    labelled = thing("a", spec={"x": 1})
    labelled["metadata"]["labels"] = {"l": "1"}
    again = objects.revised(labelled, {**made, "status": {}}, {**fresh, "uid": "2"})
    assert (again["metadata"]["generation"], again["metadata"]["uid"]) == (1, "1")
    assert objects.revised(thing("a", spec={"x": 2}), again, fresh)["metadata"]["generation"] == 2


def test_clients_do_not_set_what_the_server_sets() -> None:
    sent = {"metadata": {"name": "a", "uid": "x", "resourceVersion": "1"}, "status": {}, "spec": {}}
    assert objects.wanted(sent) == {"metadata": {"name": "a"}, "spec": {}}


def test_an_object_fits_its_address() -> None:
    assert objects.placed({}, "openfaas-fn", "a")["metadata"] == {
        "name": "a",
        "namespace": "default",
    }
    for sent, named in (
        ({"metadata": {"name": "b"}}, "metadata.name is 'b'"),
        ({"metadata": {"namespace": "team"}}, "metadata.namespace is 'team'"),
        ({"metadata": {"labels": {"a": 1}}}, "metadata.labels"),
        ({"metadata": {"annotations": ["a"]}}, "metadata.annotations"),
    ):
        with pytest.raises(GatewayError, match=named):
            objects.placed(sent, "default", "a")
    with pytest.raises(GatewayError, match="name is missing"):
        objects.placed({}, "default", "")


def test_config_maps_are_folders(tmp_path: Path) -> None:
    store = ConfigStore(tmp_path, "configmaps")
    store.save(Config("openfaas-fn", "a.b", {"K": b"1", "L": b"2"}, {"metadata": {}}))
    store.save(Config("team", "own", {"K": b"3"}))
    assert (tmp_path / "configmaps" / "a.b" / "K").read_bytes() == b"1"
    assert (tmp_path / "configmaps@team" / "own" / "K").read_bytes() == b"3"
    (tmp_path / "configmaps" / "by-hand").mkdir()
    found = [(config.namespace, config.name) for config in store.every()]
    assert found == [("openfaas-fn", "a.b"), ("openfaas-fn", "by-hand"), ("team", "own")]
    store.save(Config("openfaas-fn", "a.b", {"L": b"3"}))
    assert store.find("openfaas-fn", "a.b").data == {"L": b"3"}
    store.remove(Config("openfaas-fn", "a.b", {}))
    assert store.find("openfaas-fn", "a.b") is None
    assert store.find("openfaas-fn", "../configmaps") is None


def test_every_name_that_is_taken_fits_the_disk(tmp_path: Path) -> None:
    store, name = ConfigStore(tmp_path, "configmaps"), "n" * 250
    data = {"a.new": b"1", "a": b"2", "k" * 253: b"3"}
    checked_config(name, data)
    store.save(Config("openfaas-fn", name, data, {"metadata": {}}))
    assert store.find("openfaas-fn", name).data == data
    assert store.find("n" * 300, name) is None
    with pytest.raises(GatewayError, match="not a valid name"):
        checked_config("n" * 251, {})


@pytest.mark.parametrize(
    ("name", "key"), [("Upper", "a"), (".about", "a"), ("ok", ".."), ("ok", "a/b")]
)
def test_names_that_are_no_files_are_refused(name: str, key: str) -> None:
    with pytest.raises(GatewayError, match="not a valid"):
        checked_config(name, {key: b""})


def field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def test_protobuf_bodies_are_read() -> None:
    metadata = field(1, b"a") + field(3, b"team") + field(11, field(1, b"l") + field(2, b"v"))
    raw = field(1, metadata) + field(2, field(1, b"K") + field(2, b"V"))
    raw += field(2, field(1, b"empty")) + field(3, field(1, b"B") + field(2, b"\xff")) + b"\x20\x01"
    raw += field(15, b"unknown") + b"\x79" + bytes(8)
    body = b"k8s\x00" + field(1, field(1, b"v1") + field(2, b"ConfigMap")) + field(2, raw)
    assert protobuf.decode(body) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "team", "labels": {"l": "v"}},
        "data": {"K": "V", "empty": ""},
        "binaryData": {"B": "/w=="},
        "immutable": True,
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"k8s\x00",
        b"{}",
        b"k8s\x00" + field(1, field(2, b"Deployment")),
        b"k8s\x00" + field(1, field(2, b"Secret")) + b"\x12\x7fshort",
        b"k8s\x00\x0b",
        b"k8s\x00" + b"\xff" * 20,
        b"k8s\x00\x08\x01",
    ],
)
def test_what_is_no_such_object_is_refused(body: bytes) -> None:
    with pytest.raises(GatewayError, match="cannot be read"):
        protobuf.decode(body)


def test_a_revision_that_was_ready_stays_so() -> None:
    readiness = Readiness(since=100.0)
    old, new = (Revision("f", "n", 1, "i", created_at=at) for at in (99.0, 101.0))
    assert (readiness.ever(old), readiness.ever(new)) == (True, False)
    readiness.started(new)
    assert readiness.ever(new)
    again = Revision("f", "n", 1, "i", created_at=102.0)  # the function was removed, and made again
    assert not readiness.ever(again)
