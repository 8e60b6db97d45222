"""From predictions to a mail: a real replica of `monitoring`, killed while it sends."""

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.calls.step_tokens import Call, authorization
from functions.kit.contract.steps import LEASE
from functions.kit.contract.telemetry.predictions import (
    BATCH_TYPE,
    MADE,
    PATH,
    Event,
    Output,
    Prediction,
)
from tests.integration.functions.conftest import STEP_SECRET
from tests.integration.functions.monitoring.conftest import Replica
from tests.support.models.onnx import train
from tests.support.models.registrations import register
from tests.support.processes import PATIENCE, Emulator, free_port, wait_until
from tests.support.servers.mailboxes import Mailbox, open_mailbox

PROMISED = 10.0
"""Seconds from a cause to the mail."""


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox() as found:
        monkeypatch.setenv("MAYFLY_SMTP_URL", f"smtp://{found.address}")
        yield found


@pytest.fixture(scope="module")
def model(function_app: Callable[[str], FlaskClient], key: dict[str, str]) -> str:
    name = f"alerted-{uuid.uuid4().hex[:8]}"
    register(function_app("models"), key, name, train())
    return name


class Monitoring:
    """A tiny client of a replica; what its queue would deliver, it delivers."""

    def __init__(self, process: Emulator, key: dict[str, str]) -> None:
        url = f"http://127.0.0.1:{process.port}"
        self._http = httpx.Client(base_url=url, timeout=PATIENCE)
        self._key = key

    def close(self) -> None:
        self._http.close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, path, json=body, headers=self._key)
        assert answer.is_success, answer.text
        return answer.json()

    def step(self, path: str, content: bytes = b"", kind: str = "") -> None:
        """Call as a function does."""
        token = authorization(STEP_SECRET, "prediction", Call("POST", "monitoring", path))
        headers = {"Authorization": token} | ({"Content-Type": kind} if kind else {})
        answer = self._http.post(path, content=content, headers=headers)
        assert answer.status_code == 204, answer.text

    def predicted(self, model: str, calls: int, milliseconds: int) -> None:
        """Tell of predictions of now, one a call."""
        now = dt.datetime.now(dt.UTC)
        body = msgspec.json.encode([event(model, now, milliseconds) for _ in range(calls)])
        self.step(PATH, body, BATCH_TYPE)

    def alert(self, model: str, rule: str) -> Any:
        found = self.ask("GET", f"/alerts?model={model}")["items"]
        return next((one for one in found if one["rule"] == rule), None)


Start = Callable[[Emulator], Monitoring]


@pytest.fixture
def asked(key: dict[str, str]) -> Iterator[Start]:
    """Return what makes a client of a replica."""
    made: list[Monitoring] = []

    def start(process: Emulator) -> Monitoring:
        made.append(Monitoring(process, key))
        return made[-1]

    yield start
    for one in made:
        one.close()


def event(model: str, at: dt.datetime, milliseconds: int) -> Event:
    told = Prediction(
        workspace="main",
        model=model,
        version=1,
        alias="champion",
        why="alias",
        caller="ann",
        account="a",
        uid="",
        elapsed=milliseconds * 1000,
        inputs={"age": 30},
        output=Output("yes", 0.75, {"no": 0.25, "yes": 0.75}),
    )
    ident = f"{uuid.uuid4().hex[:18]}{int(at.timestamp()):08x}1-0"
    data = msgspec.Raw(msgspec.json.encode(told))
    return Event(ident, f"/models/{model}/versions/1", MADE, at.isoformat(), data)


def prepared(client: Monitoring, model: str) -> tuple[str, str]:
    """Make a channel, and a rule that alarms at slow calls; return their ids."""
    mail = {"kind": "email", "to": ["ann@example.org"], "everybody": False}
    channel = client.ask("POST", "/channels", mail)["id"]
    rule = {
        "name": "Slow",
        "measure": "p95",
        "span": "minute",
        "condition": {"when": "above", "value": 100},
        "channels": [channel],
    }
    return channel, client.ask("POST", f"/models/{model}/rules", rule)["id"]


def test_from_cause_to_mail(replica: Replica, mailbox: Mailbox, model: str, asked: Start) -> None:
    client = asked(replica("monitoring", free_port()))
    _, rule = prepared(client, model)
    began = time.perf_counter()
    client.predicted(model, 40, 900)
    client.step(f"/models/{model}/versions/1/steps/sum")
    alert = client.alert(model, rule)
    assert alert is not None
    assert alert["state"] == "firing"
    client.step(f"/notices/{alert['notices'][0]}/steps/send")
    took = time.perf_counter() - began
    [mail] = mailbox.mails
    assert mail["Subject"] == f"[warning] {model}: Slow"
    assert took < PROMISED
    names = {one["id"] for one in client.ask("GET", f"/models/{model}/rules")["items"]}
    assert {"drift", "traffic", rule} <= names  # those that come with a model, too


@pytest.mark.parametrize("killed", ["before the mail", "behind it"])
def test_a_replica_killed_while_it_sends_loses_no_mail(
    replica: Replica, mailbox: Mailbox, model: str, asked: Start, killed: str
) -> None:
    first = replica("monitoring", free_port())
    client = asked(first)
    _, rule = prepared(client, model)
    [notice] = client.ask("POST", f"/models/{model}/rules/{rule}/test")["notices"]
    path = f"/notices/{notice['id']}/steps/send"
    if killed == "behind it":
        mailbox.at_mail = first.kill
        with pytest.raises(httpx.TransportError):
            client.step(path)
    else:
        first.kill()
    mailbox.at_mail = lambda: None
    second = asked(replica("monitoring", free_port()))

    def is_sent() -> bool:
        second.step(path)
        return bool(second.ask("GET", f"/notices/{notice['id']}")["state"] == "sent")

    wait_until(is_sent, timeout=2 * LEASE.total_seconds(), what="the mail")
    second.step(path)
    ids = [mail["Message-ID"] for mail in mailbox.mails]
    assert len(ids) == (2 if killed == "behind it" else 1)
    assert set(ids) == {f"<{notice['id']}.main@localhost>"}
