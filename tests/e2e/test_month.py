"""A month of a model in a minute: it drifts, people hear of it, it learns anew, and all is well.

All parts run as they do for anybody. Time alone is told: `prediction` answers for real, and the
test takes its place towards `monitoring`, as its log does, with moments of the days before today.
"""

import datetime as dt
import signal
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from benchmarks.faults.victims import part, replicas
from benchmarks.learning.calls import Calls
from benchmarks.stack import Stack
from functions.kit.adapters.calls import step_tokens
from functions.kit.contract.telemetry.predictions import BATCH_TYPE, MADE, Event, Output, Prediction
from infra.local.system.processes import send
from tests.e2e.conftest import run
from tests.support.callers.seats import cookie
from tests.support.lengths import length
from tests.support.processes import wait_until
from tests.support.rows import bearings
from tests.support.rows.bearings import ALL, HEAVIER, KNOWN, Loads
from tests.support.servers.mailboxes import Mailbox, open_mailbox

pytestmark = pytest.mark.slow

NAME = "bearings"
ASKED = {
    "dataset": NAME,
    "target": bearings.TARGET,
    "candidates": [{"algorithm": "hist_gradient_boosting"}],
    "ensemble": False,
    "holdout": 0.3,
    "refit": False,
}
# The test tells of predictions, and some of them are as old as a month.
CONFIG = {"MAYFLY_PREDICTION_LOG": "off", "MAYFLY_PREDICTIONS_DAYS": "60"}
HOURS = (12,)
A_DAY = 96
CALM, DRIFTED, MENDED = length(14, 24), 3, 2
LONGEST = 120.0
UNDER_WAY = {"waiting", "running"}
DRIFT = {
    "name": "Other bearings",
    "measure": "drift",
    "span": "day",
    "condition": {"when": "alarm"},
    "for_windows": 2,
    "cooldown_minutes": 0,
}
QUALITY = {
    "name": "Wrong too often",
    "measure": "quality:accuracy",
    "span": "day",
    "condition": {"when": "worse", "margin": 0.1},
    "severity": "critical",
    "cooldown_minutes": 0,
    "acts": [{"do": "retrain"}, {"do": "promote", "measure": "accuracy"}],
}


class Moment(NamedTuple):
    """When a prediction was made, and its id, which says so, too."""

    id: str
    at: dt.datetime


class Plant:
    """Somebody whose bearings a model judges, day after day.

    Attributes:
        stack: where.
        client: of the functions.
        today: when the day began.
        labels: what became of the bearings of each day, by their predictions.
    """

    def __init__(self, stack: Stack, client: httpx.Client) -> None:
        self.stack, self.client = stack, client
        self.calls = Calls(client)
        self.today = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.labels: dict[int, list[dict[str, str]]] = {}
        self.workspace: str = self.get("accounts/me")["workspace"]
        self._told = 0

    def get(self, path: str, **query: Any) -> Any:
        return self.calls.call("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        return self.calls.call("POST", path, json=body)

    def trained(self) -> None:
        self.calls.upload(NAME, bearings.table(bearings.records(400, KNOWN, 1)))
        self.calls.until_trained(self.calls.begin(**ASKED))

    def more_rows(self) -> None:
        """Append what became of the bearings that came since, at all loads."""
        body = bearings.table(bearings.records(2_500, ALL, 2))
        file = {"file": ("more.csv", body, "text/csv")}
        path = f"datasets/datasets/{NAME}/imports"
        made = self.calls.call("POST", f"{path}?mode=append", files=file)
        self.calls.until(f"{path}/{made['id']}", {"done"}, {"failed", "cancelled"})

    def judged(self, days: Sequence[int], loads: Loads) -> set[int]:
        """Let the model judge the bearings of days, so many days ago; return which versions did."""
        told = [self._day(ago, loads) for ago in days]
        self._tell([one for _, events in told for one in events])
        return {version for version, _ in told}

    def _day(self, ago: int, loads: Loads) -> tuple[int, list[Event]]:
        records = bearings.records(A_DAY, loads, 1_000 + ago)
        answer = self.post(f"prediction/models/{NAME}/predict", {"records": records})
        version: int = answer["version"]
        events: list[Event] = []
        self.labels[ago] = []
        for place, (record, said) in enumerate(zip(records, answer["predictions"], strict=True)):
            hour = HOURS[place * len(HOURS) // A_DAY]
            at = self.today - dt.timedelta(days=ago) + dt.timedelta(hours=hour, seconds=place % 60)
            self._told += 1
            ident = f"{self._told:018x}{int(at.timestamp()):08x}1-0"
            events.append(self._event(Moment(ident, at), version, record, said))
            self.labels[ago].append({"id": ident, "label": bearings.truth(record)})
        return version, events

    def label(self, days: Sequence[int]) -> None:
        """Say what became of the bearings of some days."""
        labels = [one for ago in days for one in self.labels[ago]]
        said = self.post(f"monitoring/models/{NAME}/labels", {"labels": labels})
        assert said["matched"] == len(labels)

    def windows(self, version: int) -> dict[int, dict[str, Any]]:
        """Return the measures of each day of a version, by how many days ago it began."""
        path = f"monitoring/models/{NAME}/windows"
        found = self.get(path, span="day", last=60, version=version)["windows"]
        began = [dt.datetime.fromisoformat(one["start"]) for one in found]
        return {
            (self.today - at).days: one["measures"] | {"rows": one["rows"]}
            for at, one in zip(began, found, strict=True)
        }

    def until_summed(self, version: int, days: Sequence[int], measure: str) -> None:
        """Wait until a measure of each of some days was taken."""

        def there() -> bool:
            found = self.windows(version)
            return all(measure in found.get(ago, {}) for ago in days)

        wait_until(there, timeout=LONGEST, what=f"{measure} of {days}")

    def alert(self, name: str) -> dict[str, Any]:
        """Return the newest alert of a rule; nothing where there is none."""
        found = self.get("monitoring/alerts", model=NAME)["items"]
        named = [one["id"] for one in found if one["name"] == name]
        return self.get(f"monitoring/alerts/{named[0]}") if named else {}

    def until_alert(self, name: str, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return an alert once it is as it shall be; who reads it looks after what it does."""
        found: dict[str, Any] = {}

        def look() -> bool:
            nonlocal found
            found = self.alert(name)
            return bool(found) and is_so(found)

        wait_until(look, timeout=LONGEST, what=f"what was expected of the alert '{name}'")
        return found

    def are_sent(self, notices: list[str]) -> bool:
        """Tell whether mails are noted as taken: who dies before, sends one again by its id."""
        found = [self.get(f"monitoring/notices/{one}")["state"] for one in notices]
        return bool(found) and all(one == "sent" for one in found)

    def champion(self) -> int:
        found: int = self.get(f"models/models/{NAME}")["aliases"]["champion"]
        return found

    def jobs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("training/jobs")["items"]
        return found

    def page(self, path: str) -> str:
        """Return a page as a browser is given it."""
        secret = (self.stack.home / "web-secret").read_text().strip()
        token = self.client.headers["Authorization"].removeprefix("Bearer ")
        name, text = cookie(secret, self.stack.address("WEB"), token, self.workspace)
        answer = httpx.get(f"{self.stack.web_url}{path}", cookies={name: text}, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.text

    def kill_monitoring(self) -> int:
        """Kill each of its replicas; return how many there were."""
        gateway = part(self.stack.home, "gateway")
        assert gateway is not None
        found = replicas(gateway.pid, "monitoring")
        send(found, signal.SIGKILL)
        return len(found)

    def _tell(self, events: list[Event]) -> None:
        secret = (self.stack.home / "step-secret").read_text().strip()
        call = step_tokens.Call("POST", "monitoring", "/predictions")
        headers = {
            "Authorization": step_tokens.authorization(secret, "prediction", call),
            "Content-Type": BATCH_TYPE,
        }
        url = f"{self.stack.gateway_url}/function/monitoring/predictions"
        body = msgspec.json.encode(events)
        answer = httpx.post(url, content=body, headers=headers, timeout=60)
        assert answer.is_success, answer.text

    def _event(
        self, when: Moment, version: int, record: bearings.Row, said: dict[str, Any]
    ) -> Event:
        told = Prediction(
            workspace=self.workspace,
            model=NAME,
            version=version,
            alias="champion",
            why="alias",
            caller="plant",
            account="plant",
            elapsed=2_000,
            inputs=dict(record),
            output=Output(said["label"], said["probability"], said["probabilities"]),
            uid=self.uid,
        )
        data = msgspec.Raw(msgspec.json.encode(told))
        source = f"/models/{NAME}/versions/{version}"
        return Event(when.id, source, MADE, when.at.isoformat(), data)

    @cached_property
    def uid(self) -> str:
        """Of the model."""
        found: str = self.get(f"models/models/{NAME}")["uid"]
        return found


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with open_mailbox() as made:
        yield made


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox) -> Iterator[Plant]:
    """A system of its own: what is predicted is told of by the test, and mails come here."""
    home = tmp_path_factory.mktemp("month")
    config = home / "data" / "gateway" / "configmaps" / "mayfly"
    config.mkdir(parents=True)
    for name, value in CONFIG.items():
        (config / name).write_text(value)
    for stack in run(home, {"MAYFLY_SMTP_URL": f"smtp://{mailbox.address}"}):
        with stack.newcomer(plan="unlimited") as client:
            yield Plant(stack, client)


def subjects(mailbox: Mailbox) -> list[str]:
    return [str(one["Subject"]) for one in mailbox.mails]


def done(alert: dict[str, Any]) -> list[str]:
    return [act["state"] for act in alert["acts"]]


def test_a_month_of_a_model_from_its_training_to_its_better_successor(
    plant: Plant, mailbox: Mailbox
) -> None:
    # It is trained, and somebody wants to hear of it.
    plant.trained()
    plant.post("monitoring/channels", {"kind": "email", "to": ["ann@example.org"]})
    for rule in (DRIFT, QUALITY):
        plant.post(f"monitoring/models/{NAME}/rules", rule)
    mended = range(MENDED, 0, -1)
    drifted = range(MENDED + DRIFTED, MENDED, -1)
    calm = range(drifted[0] + CALM, drifted[0], -1)

    # Weeks in which nothing happens: nobody is told of anything.
    assert plant.judged(calm, KNOWN) == {1}
    plant.until_summed(1, calm, "drift")
    assert {ago for ago, one in plant.windows(1).items() if one["drift"].get("alarm")} == set()

    # Heavier loads come: the page shows it, and a mail says so, before anybody knows the truth.
    assert plant.judged(drifted, HEAVIER) == {1}
    other = plant.until_alert("Other bearings", lambda it: it["state"] == "firing")
    assert other["notices"]
    page = plant.page(f"/models/{NAME}/monitor?span=day")
    assert "not as in the rows that it learnt from" in page
    wait_until(lambda: "Other bearings" in " ".join(subjects(mailbox)), what="the mail")

    # What became of the bearings confirms it; the rows are there to learn from.
    plant.more_rows()
    plant.label([*calm, *drifted])
    wrong = plant.until_alert(
        "Wrong too often", lambda it: "running" in done(it) and plant.are_sent(it["notices"])
    )
    assert wrong["state"] == "firing"

    # Whoever is at it dies, and yet it is done, once.
    assert plant.kill_monitoring() > 0
    wrong = plant.until_alert("Wrong too often", lambda it: done(it)[-1] not in UNDER_WAY)
    assert done(wrong) == ["done", "done"], wrong
    assert [one["state"] for one in plant.jobs()] == ["succeeded", "succeeded"]
    assert plant.champion() == 2
    said = wrong["acts"][1]["said"]
    assert "that version 2 held out and that are new to version 1" in said

    # The better version answers: all is well again, and that is told, too.
    assert plant.judged(mended, ALL) == {2}
    plant.label(mended)
    for name in ("Other bearings", "Wrong too often"):
        plant.until_alert(name, lambda it: it["state"] == "resolved")
    wait_until(lambda: "[resolved]" in " ".join(subjects(mailbox)), what="the mail")
    told = subjects(mailbox)
    assert sum("Wrong too often" in one and "[resolved]" not in one for one in told) == 1, told
    ids = [str(one["Message-ID"]) for one in mailbox.mails]
    assert len(ids) == len(set(ids)), told

    # And if somebody wants it otherwise, it is as it was.
    plant.post(f"monitoring/alerts/{wrong['id']}/acts/1/undo")
    assert plant.champion() == 1
