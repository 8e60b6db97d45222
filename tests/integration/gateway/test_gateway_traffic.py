"""Knative traffic: percents, tags with hosts of their own, roll back, gradual rollout."""

import time
from collections import Counter
from typing import Any

from tests.integration.gateway.conftest import SERVICES
from tests.support.processes import PATIENCE, wait_until

REVISIONS = "/apis/serving.knative.dev/v1/namespaces/default/revisions"


def put(
    gateway: Any, name: str, version: str, *, traffic: Any = None, **metadata: Any
) -> tuple[int, Any]:
    """Deploys ``name``; each version is a folder of its own, and its revision is named by it."""
    folder = gateway.write_function(f"{name}-{version}", version)
    revision = {"name": f"{name}-v{version}"}
    template = {"metadata": revision, "spec": {"containers": [{"image": str(folder)}]}}
    spec: dict[str, Any] = {"template": template}
    if traffic is not None:
        spec["traffic"] = traffic
    service = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "spec": spec}
    service["metadata"] = {"name": name, **metadata}
    status, answer = gateway.apply(SERVICES, service)
    return status, answer


def ready(gateway: Any, name: str, version: str) -> None:
    wanted = f"{name}-v{version}"
    wait_until(lambda: gateway.service(name)["status"]["latestReadyRevisionName"] == wanted)


def two_versions(gateway: Any, name: str) -> None:
    for version in "12":
        assert put(gateway, name, version)[0] in (200, 201)
        ready(gateway, name, version)


def answers(gateway: Any, name: str, calls: int) -> Counter[bytes]:
    return Counter(gateway.call("GET", f"/function/{name}/")[2] for _ in range(calls))


def test_percents_are_kept_exactly(gateway: Any) -> None:
    two_versions(gateway, "halved")
    traffic = [
        {"revisionName": "halved-v1", "percent": 75},
        {"latestRevision": True, "percent": 25},
    ]
    _, answer = put(gateway, "halved", "2", traffic=traffic)
    assert answer["status"]["latestCreatedRevisionName"] == "halved-v2"  # no new revision
    assert answers(gateway, "halved", 40) == {b"version 1 /": 30, b"version 2 /": 10}


def test_a_tag_has_a_host_of_its_own(gateway: Any) -> None:
    two_versions(gateway, "tagged")
    traffic = [
        {"latestRevision": True, "percent": 100},
        {"revisionName": "tagged-v1", "tag": "old"},
    ]
    _, answer = put(gateway, "tagged", "2", traffic=traffic)
    shown = {entry.get("tag"): entry for entry in answer["status"]["traffic"]}
    assert shown["old"]["url"] == f"http://old-tagged.default.localhost:{gateway.port}"
    tagged = gateway.call("GET", "/x", headers={"Host": "old-tagged.default.localhost"})
    assert tagged[2] == b"version 1 /x"
    assert answers(gateway, "tagged", 5) == {b"version 2 /": 5}
    assert gateway.call("GET", "/", headers={"Host": "new-tagged.default.localhost"})[0] == 404


def test_traffic_rolls_back_while_calls_go_on(gateway: Any) -> None:
    two_versions(gateway, "back")
    assert answers(gateway, "back", 3) == {b"version 2 /": 3}
    put(gateway, "back", "2", traffic=[{"revisionName": "back-v1", "percent": 100}])
    assert answers(gateway, "back", 3) == {b"version 1 /": 3}
    assert (
        put(gateway, "back", "3", traffic=[{"revisionName": "back-v1", "percent": 100}])[0] == 200
    )
    ready(gateway, "back", "3")
    assert answers(gateway, "back", 3) == {b"version 1 /": 3}  # the newest gets nothing unasked


def test_traffic_to_a_revision_on_its_way_waits_for_it(gateway: Any) -> None:
    assert put(gateway, "pinned", "1")[0] == 201
    ready(gateway, "pinned", "1")
    put(gateway, "pinned", "2", traffic=[{"revisionName": "pinned-v2", "percent": 100}])
    wait_until(lambda: gateway.call("GET", "/function/pinned/")[2] == b"version 2 /")


def test_revisions_are_listed_and_never_change(gateway: Any) -> None:
    two_versions(gateway, "listed")
    selector = "?labelSelector=serving.knative.dev/service=listed"
    items = gateway.ask("GET", REVISIONS + selector)[1]["items"]
    assert [item["metadata"]["name"] for item in items] == ["listed-v2", "listed-v1"]
    assert gateway.ask("GET", REVISIONS + "/listed-v1")[1]["kind"] == "Revision"
    changed = gateway.write_function("listed-2", "changed")
    status, answer = gateway.ask(
        "PUT",
        f"{SERVICES}/listed",
        {
            "metadata": {"name": "listed"},
            "spec": {
                "template": {
                    "metadata": {"name": "listed-v1"},
                    "spec": {"containers": [{"image": str(changed)}]},
                }
            },
        },
    )
    assert (status, "taken" in answer["message"]) == (409, True)
    assert gateway.ask("DELETE", REVISIONS + "/listed-v2")[0] == 400
    assert gateway.ask("DELETE", REVISIONS + "/listed-v1")[0] == 200
    assert gateway.ask("GET", REVISIONS + "/listed-v1")[0] == 404


def test_wrong_traffic_changes_nothing(gateway: Any) -> None:
    two_versions(gateway, "firm")
    traffic = [{"latestRevision": True, "percent": 60}]
    status, answer = put(gateway, "firm", "2", traffic=traffic)
    assert status == 400
    assert "Traffic targets sum to 60, want 100: spec.traffic" in answer["message"]
    assert answers(gateway, "firm", 2) == {b"version 2 /": 2}


def lost(gateway: Any, name: str) -> dict[str, str]:
    """Why a Service is not ready, by condition."""
    conditions = gateway.service(name)["status"]["conditions"]
    return {c["type"]: c.get("reason", "") for c in conditions}


def test_traffic_to_a_revision_that_is_not_there_waits_for_it(gateway: Any) -> None:
    assert put(gateway, "astray", "1")[0] == 201
    ready(gateway, "astray", "1")
    traffic = [{"revisionName": "astray-v2", "percent": 100}]
    assert put(gateway, "astray", "1", traffic=traffic)[0] == 200
    missing = {"ConfigurationsReady": "", "RoutesReady": "RevisionMissing"}
    assert lost(gateway, "astray") == missing | {"Ready": "RevisionMissing"}
    assert answers(gateway, "astray", 2) == {b"version 1 /": 2}
    assert put(gateway, "astray", "2", traffic=traffic)[0] == 200
    ready(gateway, "astray", "2")
    assert lost(gateway, "astray") == dict.fromkeys(
        ("ConfigurationsReady", "RoutesReady", "Ready"), ""
    )
    assert answers(gateway, "astray", 2) == {b"version 2 /": 2}


def test_a_new_service_whose_traffic_goes_astray_answers_nobody(gateway: Any) -> None:
    traffic = [{"revisionName": "nowhere-v2", "percent": 100}]
    assert put(gateway, "nowhere", "1", traffic=traffic)[0] == 201
    assert lost(gateway, "nowhere")["Ready"] == "RevisionMissing"
    assert gateway.call("GET", "/function/nowhere/")[0] == 404
    assert put(gateway, "nowhere", "2", traffic=traffic)[0] == 200
    ready(gateway, "nowhere", "2")
    assert answers(gateway, "nowhere", 2) == {b"version 2 /": 2}


def test_a_rollout_shifts_gradually(gateway: Any) -> None:
    annotations = {"serving.knative.dev/rollout-duration": "8s"}
    put(gateway, "gradual", "1", annotations=annotations)
    ready(gateway, "gradual", "1")
    put(gateway, "gradual", "2", annotations=annotations)
    ready(gateway, "gradual", "2")
    began, seen = time.monotonic(), list[int]()
    while not seen or seen[-1] < 100:
        shown = gateway.service("gradual")["status"]["traffic"]
        assert sum(entry["percent"] for entry in shown) == 100
        seen.append(next(e["percent"] for e in shown if e["revisionName"] == "gradual-v2"))
        assert gateway.call("GET", "/function/gradual/")[0] == 200
        assert time.monotonic() < began + PATIENCE
    assert seen == sorted(seen)
    assert seen[0] < 50
    assert len(set(seen)) > 3
    assert answers(gateway, "gradual", 5) == {b"version 2 /": 5}


def test_traffic_survives_a_restart(own_gateway: Any) -> None:
    two_versions(own_gateway, "kept")
    put(own_gateway, "kept", "2", traffic=[{"revisionName": "kept-v1", "percent": 100}])
    own_gateway.process.kill()
    own_gateway.process.wait()
    own_gateway.start()
    assert answers(own_gateway, "kept", 3) == {b"version 1 /": 3}
