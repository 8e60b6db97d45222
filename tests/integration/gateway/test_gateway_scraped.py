"""Replicas as a Prometheus finds and scrapes them."""

import contextlib
import http.client
import json
from typing import Any

SCRAPED = {"prometheus.io/scrape": "true"}
CODE = """
import os

def handle(request):
    if request.path == "/metrics":
        shown = request.headers.get("Authorization", "nothing")
        return f'asked{{pid="{os.getpid()}",shown="{shown}"}} 1'
    return str(os.getpid())
"""


def asked(gateway: Any, path: str, **headers: str) -> tuple[int, str]:
    address = "127.0.0.1", gateway.metrics_port
    with contextlib.closing(http.client.HTTPConnection(*address, timeout=30)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def targets(gateway: Any, function: str) -> list[dict[str, Any]]:
    status, text = asked(gateway, "/replicas")
    assert status == 200
    found = json.loads(text)
    return [each for each in found if each["labels"]["function_name"] == f"{function}.openfaas-fn"]


def deployed(gateway: Any, name: str, replicas: int, **annotations: str) -> None:
    gateway.write_function(name, code=CODE)
    gateway.deploy(name, image=str(gateway.folder / name), annotations=annotations)
    gateway.scale(name, replicas)


def test_each_replica_is_a_target_and_answers_for_itself(gateway: Any) -> None:
    deployed(gateway, "scraped", 2, **SCRAPED)
    first, second = targets(gateway, "scraped")
    assert first["targets"] == [f"127.0.0.1:{gateway.metrics_port}"]
    assert first["labels"]["revision"] == "scraped-00001"
    told = [
        asked(gateway, each["labels"]["__metrics_path__"], Authorization="Bearer k")
        for each in (first, second)
    ]
    assert [status for status, _ in told] == [200, 200]
    assert told[0][1] != told[1][1], "each is a process of its own"
    assert all('shown="Bearer k"' in text for _, text in told)


def test_a_scrape_starts_no_replica_and_is_no_call(gateway: Any) -> None:
    deployed(gateway, "unwoken", 1, **SCRAPED)
    (target,) = targets(gateway, "unwoken")
    path = target["labels"]["__metrics_path__"]
    assert asked(gateway, path)[0] == 200
    label = 'function_name="unwoken.openfaas-fn"'
    assert f"gateway_function_invocation_started{{{label}}}" not in gateway.metrics()
    gateway.scale("unwoken", 0)
    assert targets(gateway, "unwoken") == []
    status, text = asked(gateway, path)
    assert (status, json.loads(text)["status"]) == (404, 404)
    assert gateway.replicas("unwoken") == 0


def test_a_function_that_does_not_say_so_is_not_scraped(gateway: Any) -> None:
    deployed(gateway, "unsaid", 1)
    assert targets(gateway, "unsaid") == []
    replica = gateway.ask("GET", "/api/v1/namespaces/default/pods")[1]["items"]
    named = [pod["metadata"]["name"] for pod in replica]
    own = next(name for name in named if name.startswith("unsaid-"))
    assert asked(gateway, f"/replicas/{own}/metrics")[0] == 404


def test_a_replica_that_is_gone_is_an_error_that_names_it(gateway: Any) -> None:
    status, text = asked(gateway, "/replicas/none-1/metrics")
    assert status == 404
    assert "'none-1'" in json.loads(text)["detail"]
