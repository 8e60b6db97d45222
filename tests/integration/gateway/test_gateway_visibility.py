"""Who reaches a Service: by its public host, or in the cluster alone."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import SERVICES
from tests.support.processes import wait_until

LABEL = "networking.knative.dev/visibility"


def put(gateway: Any, name: str, namespace: str = "default", *, local: bool = True) -> Any:
    service = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {LABEL: "cluster-local"} if local else {},
        },
        "spec": {
            "template": {"spec": {"containers": [{"image": str(gateway.write_function(name))}]}},
            "traffic": [{"latestRevision": True, "percent": 100, "tag": "next"}],
        },
    }
    status, answer = gateway.apply(SERVICES.replace("default", namespace), service)
    assert status in (200, 201), answer
    return answer


def asked(gateway: Any, host: str, path: str = "/", method: str = "GET") -> int:
    return int(gateway.call(method, path, headers={"Host": host})[0])


@pytest.mark.parametrize("namespace", ["default", "team"])
def test_a_cluster_local_service_is_reached_by_the_cluster_s_names_alone(
    gateway: Any, namespace: str
) -> None:
    put(gateway, "inner", namespace)
    for tag in ("", "next-"):
        name = f"{tag}inner.{namespace}"
        assert asked(gateway, f"{name}.localhost:{gateway.port}") == 404
        for inside in (f"{name}.svc.cluster.local", f"{name}.svc", f"{name}.svc:80"):
            assert asked(gateway, inside) == 200
    if namespace == "default":  # elsewhere it could be a domain that others own
        assert asked(gateway, "inner.default") == 200


def test_a_public_service_is_reached_by_both(gateway: Any) -> None:
    answer = put(gateway, "outer", local=False)
    assert answer["status"]["url"] == f"http://outer.default.localhost:{gateway.port}"
    assert answer["status"]["address"]["url"] == "http://outer.default.svc.cluster.local"
    for host in ("outer.default.localhost", "outer.default.svc.cluster.local"):
        assert asked(gateway, host) == asked(gateway, f"next-{host}") == 200


def test_its_status_names_the_address_that_leads_to_it(gateway: Any) -> None:
    put(gateway, "told")
    wait_until(lambda: gateway.ready("told") == "True", what="told ready")
    status = gateway.service("told")["status"]
    assert status["url"] == status["address"]["url"] == "http://told.default.svc.cluster.local"
    assert status["traffic"][0]["url"] == "http://next-told.default.svc.cluster.local"
    route = SERVICES.replace("/services", "/routes/told")
    assert gateway.ask("GET", route)[1]["status"]["url"] == status["url"]


def test_a_client_that_takes_the_gateway_for_its_proxy_calls_by_that_address(gateway: Any) -> None:
    put(gateway, "proxied")
    url = gateway.service("proxied")["status"]["url"]
    assert gateway.call("GET", f"{url}/x", headers={"Host": "proxied.default.localhost"})[0] == 200


def test_its_path_is_for_this_machine_alone(gateway: Any) -> None:
    put(gateway, "pathed")
    assert asked(gateway, f"127.0.0.1:{gateway.port}", "/function/pathed") == 200
    assert asked(gateway, "localhost", "/async-function/pathed", "POST") == 202
    assert asked(gateway, "x", "/function/pathed") == 404
    assert asked(gateway, "x", "/async-function/pathed", "POST") == 404


def test_the_label_opens_and_closes_without_a_new_revision(gateway: Any) -> None:
    put(gateway, "turned", local=False)
    for local, expected in ((True, 404), (False, 200)):
        answer = put(gateway, "turned", local=local)
        assert asked(gateway, "turned.default.localhost") == expected
        assert answer["status"]["latestCreatedRevisionName"] == "turned-00001"
        assert answer["metadata"]["generation"] == 1


def test_a_refusal_says_where_it_is(gateway: Any) -> None:
    put(gateway, "hinting")
    _, _, body = gateway.call("GET", "/", headers={"Host": "hinting.default.localhost"})
    assert b"hinting.default.svc.cluster.local" in body


def test_it_stays_closed_over_a_restart(own_gateway: Any) -> None:
    put(own_gateway, "lasting")
    own_gateway.end()
    own_gateway.start()
    assert asked(own_gateway, "lasting.default.localhost") == 404
    assert asked(own_gateway, "lasting.default.svc.cluster.local") == 200


def test_a_callback_reaches_it_by_an_address_of_the_inside_alone(
    gateway: Any, tmp_path: Path
) -> None:
    put(gateway, "told-back")
    put(gateway, "asked-first", local=False)
    asked_at, port = "/async-function/asked-first/empty", gateway.port
    notes = tmp_path / "notes"
    for host, path in (
        (f"told-back.default.localhost:{port}", "/note"),
        (f"127.0.0.1:{port}", "/function/told-back/note"),
    ):
        url = f"http://{host}{path}?file={notes}"
        assert gateway.call("POST", asked_at, headers={"X-Callback-Url": url})[0] == 202
    wait_until(lambda: failed(gateway, "asked-first") == 1, what="the callback from outside failed")
    wait_until(notes.exists, what="the callback from inside")
    assert len(notes.read_text().splitlines()) == 1


def failed(gateway: Any, name: str) -> float:
    pattern = rf'gateway_async_callbacks_failed\{{function_name="{name}"\}} (.+)'
    found = re.search(pattern, gateway.metrics())
    return float(found[1]) if found else 0.0
