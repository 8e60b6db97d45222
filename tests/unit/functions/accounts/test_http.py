"""The routes over a memory of this process: what only some configurations answer."""

from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from functions.accounts.transport import me, routes
from functions.kit.contract.access.identity import Caller, Identity, Subject
from functions.kit.contract.access.workspaces import MAIN
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from tests.support.in_memory.accounts_house import PASSWORD, House
from tests.support.openapi import operation

ANN = "ann@example.org"


def served(house: House, hops: int = 1) -> FlaskClient:
    api = Api("accounts", "", Access("accounts", "s", house.identity), 10_000)
    routes.add(api, house.services, hops)
    app = Flask("accounts")
    methods = ["GET", "POST", "PATCH", "DELETE"]
    app.add_url_rule("/<path:path>", view_func=lambda path: api.handle(request), methods=methods)
    return app.test_client()


def told(client: FlaskClient, path: str, body: Any, status: int, **headers: str) -> Any:
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)
    operation("accounts", "POST", path).check_answer(
        status, answer.content_type or "", answer.get_data()
    )
    return answer


def test_with_a_mail_server_a_sign_up_is_taken_and_says_no_more() -> None:
    house = House(confirms=True)
    house.services.settings.change("open")
    house.account("bob@example.org")
    client = served(house)
    bodies = [{"email": one, "name": "A", "password": PASSWORD} for one in (ANN, "bob@example.org")]
    first, second = (told(client, "/sign-up", body, 202).get_data() for body in bodies)
    assert first == second
    token = house.token_in_mail(ANN)
    told(client, "/sign-in/link", {"token": token}, 201)


def test_who_is_slowed_hears_for_how_long_and_others_are_not() -> None:
    house = House()
    house.account(ANN)
    client = served(house)
    body = {"email": ANN, "password": "not the password"}
    for number in range(10):
        told(client, "/sign-in", body, 401, **{"X-Forwarded-For": f"203.0.113.{number}"})
    answer = told(client, "/sign-in", body, 429, **{"X-Forwarded-For": "203.0.113.99"})
    assert answer.headers["Retry-After"] == "60"
    assert answer.get_json()["status"] == 429


def test_an_address_that_the_caller_wrote_itself_does_not_count() -> None:
    house = House()
    client = served(house)
    for number in range(30):
        body = {"email": f"a{number}@example.org", "password": "not the password"}
        told(client, "/sign-in", body, 401, **{"X-Forwarded-For": f"6.6.6.{number}, 203.0.113.1"})
    told(client, "/sign-in", body, 429, **{"X-Forwarded-For": "6.6.6.99, 203.0.113.1"})


def test_a_key_for_one_thing_reads_alike_wherever_it_is_told() -> None:
    held = Caller(name="k", kind="key", workspace=MAIN, only=Subject("model", "titanic"))
    identity = Identity(callers={MAIN: held}, home=MAIN)
    api = Api("accounts", "", Access("accounts", "s", {"k": identity}.get), 10_000)
    me.add(api)
    client = Flask("accounts").test_client()
    client.application.add_url_rule("/me", view_func=lambda: api.handle(request))
    answer = client.get("/me", headers={"X-Api-Key": "k"})
    assert answer.get_json()["only"] == {"kind": "model", "name": "titanic"}
    operation("accounts", "GET", "/me").check_answer(
        200, answer.content_type or "", answer.get_data()
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": ANN},
        {"email": ANN, "password": 1},
        {"email": ANN, "password": "x" * 1001},
        {"email": "x" * 255, "password": PASSWORD},
        {"email": ANN, "password": PASSWORD, "admin": True},
    ],
)
def test_a_body_that_is_none_is_refused_before_any_work(body: Any) -> None:
    house = House()
    house.hasher.work.clear()
    told(served(house), "/sign-in", body, 422)
    assert house.hasher.work == []


def test_a_session_of_before_is_not_taken_over_by_signing_in() -> None:
    """Session fixation: what a caller shows at sign-in is never what it gets."""
    house = House()
    house.account(ANN)
    client = served(house)
    body = {"email": ANN, "password": PASSWORD}
    first = told(client, "/sign-in", body, 201).get_json()["token"]
    shown = {"Authorization": f"Bearer {first}"}
    second = told(client, "/sign-in", body, 201, **shown).get_json()["token"]
    forged = {"Authorization": "Bearer mfs_forged"}
    third = told(client, "/sign-in", body, 201, **forged).get_json()["token"]
    assert len({first, second, third, "mfs_forged"}) == 4
    assert client.get("/me", headers=forged).status_code == 401
