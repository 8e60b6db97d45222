"""Mixed users of a running Mayfly: they predict, read and write rows, look at pages, train.

    eval "$(./mayfly env)"                                       # MAYFLY_URL and MAYFLY_KEY
    export MAYFLY_SIGN_IN="$(./mayfly users link)"               # else nobody looks at pages
    locust -f benchmarks/load/locustfile.py --headless -u 20 -r 2 -t 2m --shape ramp --html x.html

It is run by a Locust of its own environment (`locust.txt`), from the root of the repository. The
table and the model it needs are made at its start.
"""

import csv
import json
import os
import random
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, ClassVar

from locust import FastHttpUser, LoadTestShape, between, constant_pacing, events

from benchmarks.load.shapes import NAMES, users_at

URL = os.environ.get("MAYFLY_URL", "http://127.0.0.1:8080")
KEY = os.environ.get("MAYFLY_KEY", "")
SIGN_IN = os.environ.get("MAYFLY_SIGN_IN", "")
ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "examples" / "titanic.csv"
NAME, TARGET = "load-titanic", "survived"
NUMBERS = ("pclass", "age", "sibsp", "parch", "fare")
BATCH = 100
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
LONGEST = 300.0
ENDED = ("succeeded", "failed", "cancelled")
PAGES = ("/", "/datasets", f"/datasets/{NAME}", "/models", f"/models/{NAME}", "/jobs", "/docs")
session: dict[str, str] = {}  # the cookie that looks at pages


class Stop(SystemExit):
    """Why no load is made; Locust exits with it."""


def ask(method: str, path: str, body: bytes | None = None, kind: str = "application/json") -> Any:
    """Ask a function, outside of what is measured; exit with what it says where it refuses."""
    headers = {**HEADERS, "Content-Type": kind}
    asked = urllib.request.Request(f"{URL}/function/{path}", body, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Stop(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from error


def rows() -> list[dict[str, Any]]:
    """Return the passengers as records, without what is to be predicted."""
    with TABLE.open() as file:
        return [_record(row) for row in csv.DictReader(file)]


def _record(row: dict[str, str]) -> dict[str, Any]:
    given = {name: value or None for name, value in row.items() if name != TARGET}
    numbers = {name: float(row[name]) if row[name] else None for name in NUMBERS}
    return {**given, **numbers}


RECORDS = rows()


def until(path: str, wanted: str) -> None:
    """Wait until a table or a training is in a state."""
    deadline = time.monotonic() + LONGEST
    while (state := ask("GET", path)["state"]) != wanted:
        if state in ENDED or time.monotonic() > deadline:
            raise Stop(f"{path} is {state}, not {wanted}")
        time.sleep(0.2)


def train() -> bytes:
    """Return what asks for a small training."""
    candidates = [{"algorithm": "logistic_regression"}]
    return json.dumps({"dataset": NAME, "target": TARGET, "candidates": candidates}).encode()


def prepare(**_: object) -> None:
    """Make the table and the model where they are not there yet, and sign in."""
    if not KEY:
        raise Stop('MAYFLY_KEY is not set: eval "$(./mayfly env)"')
    if NAME not in ask("GET", "prediction/v2/models")["models"]:
        ask("POST", f"datasets/datasets?name={NAME}", TABLE.read_bytes(), "text/csv")
        until(f"datasets/datasets/{NAME}", "ready")
        until(f"training/jobs/{ask('POST', 'training/jobs', train())['id']}", "succeeded")
    if SIGN_IN and not session:
        session["Cookie"] = signed_in()


def signed_in() -> str:
    """Return the cookie that the link of MAYFLY_SIGN_IN gives; it does so once."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        urllib.request.build_opener(Stay).open(SIGN_IN, timeout=60)
    except urllib.error.HTTPError as error:
        given = error.headers.get_all("Set-Cookie") or []
        if error.code == 303 and given:
            return "; ".join(one.partition(";")[0] for one in given)
    raise Stop("MAYFLY_SIGN_IN is no good any more: ./mayfly users link makes another")


class Caller(FastHttpUser):  # type: ignore[misc] # of an environment of its own
    """A program that wants predictions: of one row mostly, of a hundred now and then."""

    weight = 6
    host = URL
    wait_time = between(0.05, 0.5)

    def one(self) -> None:
        """Ask for one row."""
        self._predict([random.choice(RECORDS)], "predict one row")

    def many(self) -> None:
        """Ask for a hundred rows at once."""
        self._predict(random.sample(RECORDS, BATCH), f"predict {BATCH} rows")

    def _predict(self, records: list[dict[str, Any]], name: str) -> None:
        path = f"/function/prediction/models/{NAME}/predict"
        self.client.post(path, json={"records": records}, headers=HEADERS, name=name)

    tasks: ClassVar = {one: 9, many: 1}


class Editor(FastHttpUser):  # type: ignore[misc] # of an environment of its own
    """Somebody who works at a table: lists rows, filters, adds one, changes it, removes it."""

    weight = 2
    host = URL
    wait_time = between(0.5, 2)
    path = f"/function/datasets/datasets/{NAME}/records"

    def read(self) -> None:
        """List rows by a filter, in an order."""
        age = random.randrange(60)
        query = urllib.parse.urlencode({"limit": 50, "filter": f"age>={age}", "sort": "-age"})
        self.client.get(f"{self.path}?{query}", headers=HEADERS, name="list rows, filtered")

    def write(self) -> None:
        """Add a row, change it, remove it."""
        values = random.choice(RECORDS) | {TARGET: random.choice((0, 1))}
        made = self.client.post(
            self.path, json={"values": values}, headers=HEADERS, name="add a row"
        )
        if made.status_code != 201:
            return
        place = f"{self.path}/{made.json()['id']}"
        change = {"values": {"age": random.randrange(90)}}
        self.client.patch(place, json=change, headers=HEADERS, name="change a row")
        self.client.delete(place, headers=HEADERS, name="remove a row")

    tasks: ClassVar = {read: 3, write: 1}


class Reader(FastHttpUser):  # type: ignore[misc] # of an environment of its own
    """Somebody who looks at pages."""

    weight = 2 if SIGN_IN else 0
    host = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(SIGN_IN)) if SIGN_IN else URL
    wait_time = between(0.5, 2)

    def look(self) -> None:
        """Open one of the pages."""
        path = random.choice(PAGES)
        with self.client.get(
            path, headers=session, name=f"page {path}", allow_redirects=False, catch_response=True
        ) as answer:
            if answer.status_code != 200:
                answer.failure(f"status {answer.status_code}")

    tasks: ClassVar = [look]


class Learner(FastHttpUser):  # type: ignore[misc] # of an environment of its own
    """Somebody who trains now and then, and looks how far it is until it has ended."""

    fixed_count = 1
    host = URL
    wait_time = constant_pacing(20)

    def learn(self) -> None:
        """Train, and look until it has ended."""
        made = self.client.post(
            "/function/training/jobs", data=train(), headers=HEADERS, name="start a training"
        )
        if made.status_code not in (200, 201, 202):
            return
        place = f"/function/training/jobs/{made.json()['id']}"
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            seen = self.client.get(place, headers=HEADERS, name="look at a training")
            if seen.status_code == 200 and seen.json()["state"] in ENDED:
                return
            time.sleep(0.5)

    tasks: ClassVar = [learn]


class Shape(LoadTestShape):  # type: ignore[misc] # of an environment of its own
    """The shape that `--shape` names, of -u users at most for -t."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """Return users and how many of them may come in a second, or None at the end."""
        given = self.runner.environment.parsed_options
        seconds = float(given.run_time or LONGEST)
        users = users_at(given.shape, self.get_run_time(), seconds, given.num_users or 1)
        return None if users is None else (users, given.spawn_rate or 1)


def options(parser: Any, **_: object) -> None:
    """Take the shape by name."""
    parser.add_argument("--shape", choices=NAMES, default="steady", help="of the load over time")


events.init_command_line_parser.add_listener(options)
events.init.add_listener(prepare)
