"""What a plan allows, as callers of prediction meet it, over Firestore."""

import datetime as dt
import re
import time
from uuid import uuid4

import httpx
import msgspec
import pytest

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.accounts import ACCOUNTS
from functions.kit.contract.access.over_quota import WINDOW
from functions.kit.contract.access.plans import Plan
from functions.kit.contract.access.quotas import QUOTAS, Holder, Ledger
from tests.support.callers.members import on_plan, put_plan
from tests.support.models.registrations import register
from tests.support.processes import PATIENCE, ROOT, Emulator, free_port, wait_until

ANN = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}
TENSORS = [
    {"name": "age", "datatype": "FP32", "shape": [1], "data": [30]},
    {"name": "rooms", "datatype": "INT64", "shape": [1], "data": [3]},
    {"name": "owns home", "datatype": "BOOL", "shape": [1], "data": [True]},
    {"name": "sex", "datatype": "BYTES", "shape": [1], "data": ["female"]},
]
QUOTA = "https://iana.org/assignments/http-problem-types#quota-exceeded"


@pytest.fixture(scope="module")
def model(models, key, trained):
    register(models, key, "quotas", trained)
    return "quotas"


@pytest.fixture(autouse=True)
def within_a_window():
    """Begin no test in a window's last seconds: the next one would count anew."""
    wait_until(lambda: time.time() % WINDOW < WINDOW - 3, what="the next window")


@pytest.fixture
def plan() -> Plan:
    """A plan of six predictions a minute, and of its own."""
    return Plan(name=f"p-{uuid4().hex[:8]}", predictions_per_minute=6)


@pytest.fixture
def caller(emulators, plan):
    """The header of a key of an account that has `plan`."""
    return on_plan(put_plan(plan)).key().header


@pytest.fixture
def predict(client, model):
    def call(key, rows=1):
        body = {"records": [ANN] * rows}
        return client.post(f"/models/{model}/predict", json=body, headers=key)

    return call


@pytest.fixture
def infer(client, model):
    def call(key, name=""):
        body = {"id": name, "inputs": TENSORS}
        return client.post(f"/v2/models/{model}/infer", json=body, headers=key)

    return call


def standing(answer):
    """Return the rows left and the seconds until the window ends."""
    found = re.fullmatch(r'"permin";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert found is not None
    return int(found[1]), int(found[2])


def test_a_row_is_a_prediction_and_the_quota_an_account_s(predict, infer, plan, emulators):
    # Given two keys of one account
    account = on_plan(put_plan(plan))
    one, other = account.key().header, account.key().header
    # When they have six rows predicted together, by records and by tensors
    answers = [predict(one, 3), predict(other, 2), infer(one)]
    # Then each answer tells what is left,
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"permin";q=6;w=60'}
    assert [standing(answer)[0] for answer in answers] == [3, 1, 0]
    # and the seventh is refused, with one key as with the other
    for refused in (predict(other), infer(one), predict(one)):
        assert refused.status_code == 429
        left, seconds = standing(refused)
        assert (left, refused.headers["Retry-After"]) == (0, str(seconds))
        assert 1 <= seconds <= 60


def test_a_refusal_is_a_problem_of_its_own_type(predict, infer, caller):
    assert predict(caller, 6).status_code == 200
    refused = predict(caller)
    assert refused.content_type == "application/problem+json"
    assert refused.json["type"] == QUOTA
    assert refused.json["violated-policies"] == ["permin"]
    assert "allows 6 predictions a minute" in refused.json["detail"]
    assert refused.headers["RateLimit-Policy"] == '"permin";q=6;w=60'
    assert infer(caller).json == {"error": refused.json["detail"]}


def test_a_request_takes_all_its_rows_or_none(predict, caller):
    assert predict(caller, 4).status_code == 200
    refused = predict(caller, 3)
    assert (refused.status_code, standing(refused)[0]) == (429, 2)
    assert predict(caller, 2).status_code == 200


def test_more_rows_than_a_window_s_are_told_to_come_in_parts(predict, caller):
    refused = predict(caller, 7)
    assert refused.status_code == 429
    assert "send fewer rows at once" in refused.json["detail"]
    assert predict(caller, 6).status_code == 200


def test_what_is_refused_or_fails_counts_nothing(client, model, predict, caller):
    bad = {"records": [{**ANN, "age": "old"}] * 6}
    assert client.post(f"/models/{model}/predict", json=bad, headers=caller).status_code == 422
    assert client.post("/models/none/predict", json=bad, headers=caller).status_code == 404
    assert predict(caller, 6).status_code == 200


def test_who_is_unlimited_is_told_of_no_bounds(predict, emulators):
    answer = predict(on_plan("unlimited").key().header, 100)
    assert answer.status_code == 200
    assert "RateLimit" not in answer.headers
    assert "RateLimit-Policy" not in answer.headers


def test_freemium_and_premium_are_built_in(predict, emulators):
    answers = [predict(on_plan(plan).key().header) for plan in ("freemium", "premium")]
    policies = [answer.headers["RateLimit-Policy"] for answer in answers]
    assert policies == ['"permin";q=5;w=60', '"permin";q=50;w=60']


class TestSize:
    @pytest.fixture
    def plan(self):
        return Plan(name=f"p-{uuid4().hex[:8]}", rows=2, bytes=300)

    def test_rows_of_a_request(self, predict, caller, plan):
        assert predict(caller, 2).status_code == 200
        refused = predict(caller, 3)
        assert refused.status_code == 422
        assert refused.json["detail"] == f"3 rows: the plan '{plan.name}' allows 2 a request."

    def test_bytes_of_a_request(self, predict, infer, caller, plan):
        refused = predict(caller, 9)
        assert refused.status_code == 413
        assert (
            f"limit of 300 bytes. The plan '{plan.name}' allows no more" in refused.json["detail"]
        )
        assert "allows no more" in infer(caller, name="x" * 300).json["error"]


def test_usage_is_what_was_predicted(predict, function_app, plan, emulators):
    account = on_plan(put_plan(plan))
    accounts, session = function_app("accounts"), account.session().header

    def used():
        return accounts.get("/usage", headers=session).json

    assert (used()["plan"], used()["used"], used()["limit"]) == (plan.name, 0, 6)
    assert predict(account.key().header, 3).status_code == 200
    # What the replica holds ready goes back soon.
    wait_until(lambda: used()["used"] == 3, what="the usage")
    ends = dt.datetime.fromisoformat(used()["resets_at"])
    assert ends.timestamp() % 60 == 0
    assert dt.timedelta() < ends - dt.datetime.now(dt.UTC) <= dt.timedelta(seconds=60)


def test_replicas_count_together(client, function_app, model, caller):
    """Each is asked by turns, and what one holds ready the other waits for."""
    replicas = [client, function_app("prediction")]
    body = {"records": [ANN]}
    answers = [
        replicas[turn % 2].post(f"/models/{model}/predict", json=body, headers=caller)
        for turn in range(8)
    ]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429] * 2


def test_a_container_that_ends_gives_back_what_it_holds(
    caller, plan, model, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("FUNCTION_SOURCE", str(ROOT / "functions" / "prediction" / "main.py"))
    monkeypatch.setenv("PORT", str(port))
    url = f"http://127.0.0.1:{port}"
    with Emulator("functions.kit.http.serve", [], port, f"{url}/_/ready") as process:
        path = f"{url}/models/{model}/predict"
        answer = httpx.post(path, json={"records": [ANN]}, headers=caller, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        assert holders_of(plan)[0].ceiling > 1  # some are ready for the next
        assert process.stop() == 0
    assert holders_of(plan) == [Holder(1, 0)]


def holders_of(plan: Plan) -> list[Holder]:
    """Return what replicas hold of the quota of the one account that has a plan."""
    client = firestore.client()
    has_it = google_firestore.FieldFilter("plan", "==", plan.name)
    [account] = client.collection(ACCOUNTS).where(filter=has_it).stream()
    found = client.collection(QUOTAS).document(account.id).get().to_dict()
    return list(msgspec.convert(found, Ledger).holders.values())
