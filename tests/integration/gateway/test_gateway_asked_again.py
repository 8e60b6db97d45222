"""Whoever asks for a queued call, or cancels it, is checked for it again: rights do end."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.processes import wait_until

ANN = {"Authorization": "Bearer ann-key"}
CODE = """
import flask, os, pathlib, time

def handle(request):
    folder = pathlib.Path(os.environ["FOLDER"])
    if request.path == "/check":
        with (folder / "asked").open("a") as asked:
            place, path = (request.headers.get(n, "") for n in ("X-Place", "X-Original-URI"))
            asked.write(place + path + "\\n")
        known = (folder / "known").read_text()
        return flask.Response(status=int(known) if known.isdecimal() else 500)
    if request.args["until"] == "never":
        return flask.Response("not now", 503)  # it waits for its next try
    while not (folder / request.args["until"]).exists():
        time.sleep(0.01)
    return "done"
"""


class Guarded(NamedTuple):
    """A function, and the folder where a test says what its check answers."""

    gateway: Any
    folder: Path

    def check(self, answer: str) -> None:
        """Let the check answer with a status; with none of HTTP's, fail."""
        (self.folder / "known").write_text(answer)

    def let_go(self, name: str) -> None:
        """Let calls of `until=NAME` end."""
        (self.folder / name).touch()

    def queue(self, until: str, **headers: str) -> str:
        path = f"/async-function/{self.folder.name}/run?until={until}"
        status, fields, body = self.gateway.call("POST", path, "", {**ANN, **headers})
        assert status == 202, body
        return str(fields["x-call-id"])

    def ask(self, call_id: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
        path = f"/async-function/{call_id}"
        status, _, body = self.gateway.call(method, path, None, {**ANN, **headers})
        return status, body

    def state(self, call_id: str, **headers: str) -> Any:
        status, body = self.ask(call_id, **headers)
        return json.loads(body)["state"] if status == 200 else status


@pytest.fixture(scope="module")
def guarded(gateway: Any) -> Guarded:
    name = "asked-again"
    folder = gateway.folder / "notes" / name
    folder.mkdir(parents=True)
    gateway.deploy(
        name,
        image=str(gateway.write_function(name, code=CODE)),
        annotations={"dev.mayfly.async-check": "/check"},
        container={"env": [{"name": "FOLDER", "value": str(folder)}]},
    )
    made = Guarded(gateway, folder)
    made.check("204")
    return made


def check_unknown(guarded: Guarded, call_id: str) -> None:
    """It is as if there were no such call; the password sees it all the same."""
    for method in ("GET", "DELETE"):
        status, body = guarded.ask(call_id, method)
        _, missing = guarded.ask("no-such-call", method)
        assert (status, body.replace(call_id.encode(), b"no-such-call")) == (404, missing)
    assert guarded.state(call_id, Authorization=guarded.gateway.token()) != 404


@pytest.mark.parametrize("refusal", ["401", "403", "404"])
def test_an_outcome_is_not_for_a_credential_that_counts_no_more(
    guarded: Guarded, refusal: str
) -> None:
    guarded.let_go("soon")
    call_id = guarded.queue("soon")
    wait_until(lambda: guarded.state(call_id) == "succeeded")
    guarded.check(refusal)
    check_unknown(guarded, call_id)
    guarded.check("204")
    assert guarded.state(call_id) == "succeeded"
    assert guarded.ask(call_id, "DELETE")[0] == 409


@pytest.mark.parametrize(("until", "state"), [("late", "running"), ("never", "queued")])
def test_nor_is_a_call_that_has_not_ended(guarded: Guarded, until: str, state: str) -> None:
    call_id = guarded.queue(until)
    wait_until(lambda: guarded.state(call_id) == state)
    guarded.check("401")
    check_unknown(guarded, call_id)
    guarded.check("204")
    assert guarded.state(call_id) == state
    assert guarded.ask(call_id, "DELETE")[0] == 202
    wait_until(lambda: guarded.state(call_id) == "cancelled")
    guarded.check("401")
    check_unknown(guarded, call_id)
    guarded.check("204")


def test_what_the_caller_said_of_itself_is_told_to_the_check_again(guarded: Guarded) -> None:
    guarded.let_go("here")
    call_id = guarded.queue("here", **{"X-Place": "there", "X-Original-URI": "/forged"})
    asked = guarded.folder / "asked"
    wait_until(lambda: guarded.state(call_id, **{"X-Place": "elsewhere"}) == "succeeded")
    lines = [line for line in asked.read_text().splitlines() if "until=here" in line]
    assert len(lines) > 1
    assert set(lines) == {"there/run?until=here"}


def test_where_the_check_does_not_answer_nothing_is_told(guarded: Guarded) -> None:
    guarded.let_go("now")
    call_id = guarded.queue("now")
    wait_until(lambda: guarded.state(call_id) == "succeeded")
    guarded.check("none")
    status, body = guarded.ask(call_id)
    assert (status, json.loads(body)["remedy"]) == (503, "ask again")
    guarded.check("204")
    assert guarded.state(call_id) == "succeeded"


def test_the_outcome_of_a_function_that_is_gone_is_its_owner_s(gateway: Any) -> None:
    gateway.deploy("goes", annotations={"dev.mayfly.async-check": "/status?code=204"})
    _, fields, _ = gateway.call("POST", "/async-function/goes/status?code=201", "", ANN)
    path = f"/async-function/{fields['x-call-id']}"
    wait_until(lambda: b"succeeded" in gateway.call("GET", path, None, ANN)[2])
    assert gateway.ask("DELETE", "/system/functions", {"functionName": "goes"})[0] == 202
    assert gateway.call("GET", path, None, ANN)[0] == 200
    assert gateway.call("GET", path, None, {"X-Api-Key": "ben-key"})[0] == 404
