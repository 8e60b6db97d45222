"""Each request is counted, belongs to a trace, and takes that along to the functions."""

import io
import json
import logging
import re

import pytest
import structlog
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from web import logs
from web.client import traces
from web.http import telemetry

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
KEY = "mfk_owner"


@pytest.fixture
def scraped(tmp_path):
    """A small app whose key lies in a file."""
    (tmp_path / "key").write_text(KEY + "\n")
    app = Flask("scraped")
    telemetry.add(app, tmp_path / "key", {})
    app.add_url_rule("/things/<name>", "thing", lambda name: name)
    return app.test_client()


def counts(client):
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200
    return {
        tuple(sample.labels[name] for name in ("route", "method", "code")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name == "mayfly_web_seconds_count"
    }


def test_requests_are_counted_by_route_never_by_path(scraped):
    before = counts(scraped)
    for path in ("/things/a", "/things/b", "/none/a", "/none/b"):
        scraped.get(path)
    scraped.open("/none", method="ODD")
    more = {key: count - before.get(key, 0) for key, count in counts(scraped).items()}
    assert more["/things/<name>", "GET", "200"] == 2
    assert more["unknown", "unknown", "404"] == 3


@pytest.mark.parametrize("shown", [None, "Bearer", "Bearer other", f"Basic {KEY}", "Bearer é"])
def test_metrics_are_for_who_shows_the_key(scraped, shown):
    headers = {} if shown is None else {"Authorization": shown}
    answer = scraped.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert "mayfly_web" not in answer.text


def test_without_a_key_file_nobody_gets_metrics(guest):
    assert guest.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


@pytest.fixture
def asked(switch, double):
    """The traces that the functions are told of, call by call."""
    found = []

    def note(request):
        found.append(request.headers.get("traceparent"))
        return double(request)

    switch["double"] = note
    return found


def test_a_page_takes_its_trace_along_to_the_functions(browser, asked):
    browser.get("/datasets", headers={"traceparent": PARENT})
    assert set(asked) == {PARENT}


@pytest.mark.parametrize(
    "wrong",
    [
        *(None, "", "nonsense", PARENT.upper(), PARENT.replace(TRACE, "0" * 32), "ff" + PARENT[2:]),
        *(f"{PARENT}x", f"{PARENT}-é", f"{PARENT}-{'x' * 9000}"),
    ],
)
def test_a_trace_begins_where_none_came(browser, asked, wrong):
    seen = set()
    for _ in range(2):
        asked.clear()
        browser.get("/datasets", headers={} if wrong is None else {"traceparent": wrong})
        [own] = set(asked)
        assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-00", own)
        seen.add(own)
    assert len(seen) == 2, "each request has its own"


def test_each_line_of_the_log_names_the_trace(monkeypatch):
    traces.begin(PARENT)
    event = logs._name_trace(None, "error", {"event": "it broke"})
    assert event == {"event": "it broke", "trace": TRACE}


def test_what_gunicorn_says_is_json_too():
    told, stream = logging.getLogger("gunicorn.test"), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    told.addHandler(handler)
    traces.begin(PARENT)
    try:
        int("no\nnumber")
    except ValueError:
        told.exception("Worker %d failed", 7)
    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["trace"]) == ("Worker 7 failed", "error", TRACE)
    assert "ValueError: invalid literal" in line["exception"]


def test_the_processor_is_part_of_what_the_process_logs_with():
    before = structlog.get_config()
    try:
        logs.configure_logs()
        assert logs._name_trace in structlog.get_config()["processors"]
    finally:
        structlog.configure(**before)
