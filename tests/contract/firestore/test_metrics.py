"""What a scrape of the emulator gets, and the form of its log."""

import contextlib
import http.client
import json

import pytest
from google.api_core.exceptions import NotFound
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.firestore.emulator import Emulator
from tests.support.processes import wait_until

TRACE = "0af7651916cd43dd8448eb211c80319c"


def scraped(emulator):
    host, port = emulator.host.split(":")
    with contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=30)) as connection:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.getheader("Content-Type").startswith("text/plain; version=0.0.4")
        families = text_string_to_metric_families(answer.read().decode())
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in families
            for sample in family.samples
        }


def calls(emulator, call, outcome):
    return scraped(emulator).get(("firestore_call_seconds_count", *sorted((call, outcome))), 0)


def test_calls_are_counted_by_name_and_outcome(emulator, client):
    before = {name: calls(emulator, name, "OK") for name in ("Commit", "BatchGetDocuments")}
    refused = calls(emulator, "Commit", "NOT_FOUND")
    client.document("a/b").set({"c": 1})
    assert client.document("a/b").get().exists
    with pytest.raises(NotFound):
        client.document("a/none").update({"c": 1})
    assert calls(emulator, "Commit", "OK") == before["Commit"] + 1
    assert calls(emulator, "BatchGetDocuments", "OK") == before["BatchGetDocuments"] + 1
    assert calls(emulator, "Commit", "NOT_FOUND") == refused + 1


def test_a_listener_is_a_call_under_way(emulator, client):
    def under_way():
        return scraped(emulator).get(("firestore_calls_open", "Listen"), 0)

    before = under_way()
    watch = client.collection("heard").on_snapshot(lambda *_: None)
    wait_until(lambda: under_way() == before + 1, what="a listener")
    watch.unsubscribe()
    wait_until(lambda: under_way() == before, what="no listener")


def test_each_line_of_the_log_is_json_and_names_the_trace(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("FIRESTORE_REQUIRE_INDEXES", "1")
    emulator = Emulator(tmp_path).start()
    host, port = emulator.host.split(":")
    query = {
        "from": [{"collectionId": "rows"}],
        "where": {"compositeFilter": {"op": "AND", "filters": [_equal("a"), _more("b")]}},
    }
    with contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=30)) as connection:
        connection.request(
            "POST",
            "/v1/projects/p/databases/(default)/documents:runQuery",
            json.dumps({"structuredQuery": query}),
            {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
        )
        assert connection.getresponse().status == 400
    assert emulator.stop() == 0
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    (line,) = [line for line in lines if line["event"].startswith("a query needs")]
    assert line["trace"] == TRACE
    assert line["level"] == "warning"
    assert {"timestamp", "logger"} <= line.keys()


def _equal(name):
    return _filter(name, "EQUAL")


def _more(name):
    return _filter(name, "GREATER_THAN")


def _filter(name, op):
    return {"fieldFilter": {"field": {"fieldPath": name}, "op": op, "value": {"integerValue": "1"}}}
