"""Logs searched, and what is unusual in them told, by the gateway's own API."""

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from tests.support.processes import wait_until

TRACE = uuid4().hex  # of no other test's calls
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
CODE = """
import json, sys
from datetime import UTC, datetime

def handle(request):
    trace = request.headers["traceparent"].split("-")[1]
    told = {"event": "Model 7 is gone", "level": "error", "trace": trace}
    print(json.dumps(told), file=sys.stderr, flush=True)
    print("a plain word", flush=True)
    return "said"
"""


@pytest.fixture(scope="module")
def told(gateway: Any) -> Any:
    gateway.write_function("teller", code=CODE)
    gateway.deploy("teller", image=str(gateway.folder / "teller"))
    for _ in range(6):
        assert gateway.call("GET", "/function/teller/x", headers={"traceparent": PARENT})[0] == 200
    wait_until(lambda: len(found(gateway, trace=TRACE)) == 12, what="twelve lines")
    return gateway


def found(gateway: Any, **query: str) -> list[dict[str, Any]]:
    status, answer = gateway.ask("GET", f"/system/logs/search?{urlencode(query)}")
    assert status == 200, answer
    lines: list[dict[str, Any]] = answer["lines"]
    return lines


def moved(time: str, **by: float) -> str:
    moment = datetime.fromisoformat(time) + timedelta(**by)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_one_trace_shows_the_call_and_what_the_function_said(told: Any) -> None:
    lines = found(told, trace=TRACE)
    assert {line["service"] for line in lines} == {"teller"}
    assert {line["event"].partition(" in ")[0] for line in lines} == {
        "Model 7 is gone",
        "GET /x 200",
    }
    assert [line["time"] for line in lines] == sorted((x["time"] for x in lines), reverse=True)


def test_lines_are_found_by_each_property(told: Any) -> None:
    assert len(found(told, name="teller", level="error")) == 6
    assert len(found(told, name="teller", text="PLAIN")) == 6
    assert len(found(told, trace=TRACE, limit="5")) == 5
    assert found(told, name="teller", until="2020-01-01T00:00:00Z") == []
    assert len(found(told, name="teller", since="1h", level="error", text="model 7")) == 6


@pytest.mark.parametrize(
    "query",
    [
        {"name": "nobody"},
        {"level": "loud"},
        {"trace": "short"},
        {"since": "yesterday"},
        {"limit": "0"},
        {"limit": "many"},
        {"colour": "red"},
    ],
)
def test_a_wrong_question_is_refused_by_its_name(told: Any, query: dict[str, str]) -> None:
    status, answer = told.ask("GET", f"/system/logs/search?{urlencode(query)}")
    assert status == 400
    assert next(iter(query)) in answer["detail"] or next(iter(query.values())) in answer["detail"]


def test_only_who_runs_the_system_may_look(told: Any) -> None:
    for path in ("/system/logs/search", "/system/logs/anomalies"):
        assert told.call("GET", path)[0] == 401


def test_new_errors_and_bursts_of_them_are_told(told: Any) -> None:
    """Looked at from a minute later, when that of the calls is over, in a log that is older."""
    said = found(told, name="teller", level="error")[0]["time"]
    log = told.data / "logs" / "teller.log"
    up = json.dumps({"event": "up", "level": "info"})
    log.write_text(f"{moved(said, hours=-1)} x {up}\n{log.read_text()}")
    at = moved(said, minutes=1)
    path = f"/system/logs/anomalies?{urlencode({'name': 'teller', 'at': at})}"
    status, answer = told.ask("GET", path)
    assert status == 200, answer
    kinds = {one["kind"]: one for one in answer["anomalies"]}
    assert kinds.keys() == {"new_text", "log_errors"}
    new = kinds["new_text"]
    assert (new["text"], new["value"], new["trace"]) == ("Model <number> is gone", 6.0, TRACE)
    assert json.loads(new["example"])["event"] == "Model 7 is gone"
    assert kinds["log_errors"]["value"] == 6.0
