"""The routes of API keys: what right each wants, and that a key is shown once."""

import hashlib
import json
from typing import Any

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from functions.accounts.adapters.memory.keys import MemoryKeys
from functions.accounts.service.keys import Keys
from functions.accounts.transport import keys
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.contract.access.accounts import Account
from functions.kit.contract.access.identity import EVERY, RIGHTS, Caller, Identity, Right
from functions.kit.contract.access.workspaces import MAIN
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access

OWN: frozenset[Right] = frozenset(("self",))
HOLDERS: dict[str, frozenset[Right]] = {
    "operator": EVERY,
    "owner": RIGHTS["owner"] | OWN,
    "editor": RIGHTS["editor"] | OWN,
    "key": RIGHTS["editor"],
}
READ = {"name": "ci", "scopes": ["read"]}


def held(name: str) -> Identity:
    caller = Caller(name=name, kind="key", workspace=MAIN, account=name, rights=HOLDERS[name])
    return Identity(callers={MAIN: caller}, home=MAIN)


@pytest.fixture
def client() -> FlaskClient:
    accounts = {
        name: Account(
            id=name, email=name, name=name, roles={MAIN: "editor"}, created_at=START,
            updated_at=START,
        )
        for name in HOLDERS
    }  # fmt: skip
    holders = {name: held(name) for name in HOLDERS}
    api = Api("accounts", "", Access("accounts", "secret", holders.get), 10_000)
    keys.add(api, Keys(MemoryKeys(accounts), ManualClock(), "secret"))
    app = Flask("accounts")
    methods = ["GET", "POST", "DELETE"]

    def answer(path: str) -> Response:
        return api.handle(request)

    app.add_url_rule("/<path:path>", None, answer, methods=methods)
    return app.test_client()


def ask(
    client: FlaskClient, who: str, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any]:
    signed = {"Authorization": f"Bearer {who}", **headers}
    answer = client.open(path, method=method, json=body, headers=signed)
    return answer.status_code, json.loads(answer.data) if answer.data else None


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "status"),
    [
        ("key", "GET", "/keys", None, 403),
        ("key", "POST", "/keys", READ, 403),
        ("nobody", "GET", "/keys", None, 401),
        ("editor", "GET", "/keys?of=all", None, 403),
        ("owner", "GET", "/keys?of=all", None, 200),
        ("owner", "POST", "/keys", {**READ, "account": "editor"}, 403),
        ("owner", "POST", "/keys", {**READ, "account": "owner"}, 201),
        ("operator", "POST", "/keys", {**READ, "account": "editor"}, 201),
        ("editor", "POST", "/keys", {**READ, "scopes": []}, 422),
        ("editor", "POST", "/keys", {**READ, "scopes": ["manage"]}, 422),
        ("editor", "POST", "/keys", {**READ, "only": {"kind": "job", "name": "x"}}, 422),
        ("editor", "POST", "/keys", {**READ, "days": 0}, 422),
        ("editor", "POST", "/keys", {**READ, "name": "a\nb"}, 422),
        ("editor", "POST", "/keys", {**READ, "owner": "x"}, 422),
        ("editor", "DELETE", "/keys/none", None, 404),
        ("editor", "POST", "/keys/none/rotate", {"overlap_seconds": -1}, 422),
    ],
)
def test_what_each_route_wants(
    client: FlaskClient, who: str, method: str, path: str, body: Any, status: int
) -> None:
    found, answer = ask(client, who, method, path, body)
    assert found == status, answer


def test_a_key_is_shown_by_the_answer_that_makes_it_alone(client: FlaskClient) -> None:
    signed = {"Authorization": "Bearer editor"}
    made = client.post("/keys", json=READ, headers=signed)
    key = made.get_json()
    assert made.headers["Cache-Control"] == "no-store"
    assert made.headers["Location"] == f"keys/{key['id']}"
    assert key["last_four"] == key["key"][-4:]
    for path in ("/keys", f"/keys/{key['id']}"):
        shown = client.get(path, headers=signed).get_data(as_text=True)
        assert key["key"][4:-4] not in shown
        assert hashlib.sha256(key["key"].encode()).hexdigest() not in shown


def test_a_repetition_shows_the_same_key(client: FlaskClient) -> None:
    named = {"Idempotency-Key": "one"}
    first = ask(client, "editor", "POST", "/keys", READ, **named)
    assert ask(client, "editor", "POST", "/keys", READ, **named) == first
    status, problem = ask(client, "editor", "POST", "/keys", {**READ, "days": 1}, **named)
    assert (status, "another request" in problem["detail"]) == (409, True)
    assert ask(client, "editor", "DELETE", f"/keys/{first[1]['id']}") == (204, None)
    assert ask(client, "editor", "POST", "/keys", READ, **named)[0] == 410


def test_the_key_of_another_is_not_there(client: FlaskClient) -> None:
    _, hers = ask(client, "editor", "POST", "/keys", READ)
    _, own = ask(client, "owner", "POST", "/keys", READ)
    missing = ask(client, "editor", "GET", "/keys/" + "0" * 32)[1]["detail"]
    status, problem = ask(client, "editor", "GET", f"/keys/{own['id']}")
    assert (status, problem["detail"]) == (404, missing.replace("0" * 32, own["id"]))
    assert ask(client, "owner", "POST", f"/keys/{hers['id']}/rotate", {})[0] == 404
    assert ask(client, "operator", "POST", f"/keys/{hers['id']}/rotate", {})[0] == 201
