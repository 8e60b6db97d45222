"""What can be seen from outside: the access log, metrics of starts and queues, traces."""

import json
from typing import Any

from tests.support.processes import wait_until

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def logged(gateway: Any, function: str) -> list[dict[str, Any]]:
    file = gateway.data / "logs" / "access.log"
    *lines, _ = file.read_text().split("\n") if file.exists() else [""]  # none half written
    entries = [json.loads(line) for line in lines]
    return [entry for entry in entries if entry["function"] == f"{function}.openfaas-fn"]


def test_each_call_is_one_line(gateway: Any) -> None:
    gateway.deploy("noted")
    gateway.scale("noted", 0)
    fields = {"X-Call-Id": "call-1", "traceparent": PARENT}
    assert gateway.call("GET", "/function/noted/x?key=secret", headers=fields)[0] == 200
    assert gateway.call("GET", "/function/noted/refuse")[0] == 422
    assert gateway.call("POST", "/async-function/noted/later", "body")[0] == 202
    wait_until(lambda: len(logged(gateway, "noted")) == 3)
    first, second, third = logged(gateway, "noted")
    assert (first["call"], first["method"], first["path"]) == ("call-1", "GET", "/x")
    assert (first["status"], first["revision"]) == (200, "noted-00001")
    assert first["trace"] == TRACE
    assert first["cold"]
    assert 0 < first["waited_ms"] < first["duration_ms"]
    assert (second["status"], "cold" in second, second["replica"]) == (422, False, first["replica"])
    assert (third["asynchronous"], third["status"]) == (True, 200)


def test_a_trace_goes_on_and_begins_where_there_is_none(gateway: Any) -> None:
    gateway.deploy("traced")
    seen = json.loads(
        gateway.call("GET", "/function/traced/headers", headers={"traceparent": PARENT})[2]
    )
    assert seen["Traceparent"] == PARENT
    made = json.loads(gateway.call("GET", "/function/traced/headers")[2])["Traceparent"]
    assert made != PARENT
    wait_until(lambda: len(logged(gateway, "traced")) == 2)
    assert logged(gateway, "traced")[1]["trace"] == made.split("-")[1]


def test_starts_are_split_and_queues_and_replicas_shown(gateway: Any, hold: Any) -> None:
    gateway.deploy("measured", containerConcurrency=1)
    gateway.call("GET", "/function/measured/")
    label = 'function_name="measured.openfaas-fn"'
    text = gateway.metrics()
    for part in ("fork", "app", "first_answer"):
        assert f'gateway_cold_start_part_seconds_count{{{label},part="{part}"}} 1.0' in text
    assert f'gateway_revision_replicas{{{label},revision="measured-00001"}} 1.0' in text
    assert f'gateway_revision_waiting{{{label},revision="measured-00001"}} 0.0' in text
    assert gateway.call("POST", f"/async-function/measured{hold.path}")[0] == 202
    wait_until(lambda: f"gateway_async_queue_depth{{{label}}} 1.0" in gateway.metrics())
