"""A gateway asks, before it queues a call, for the workspace and thing that the call is about."""

import pytest
from flask import Flask, request

from functions.kit.contract.access.identity import Caller, Subject
from functions.kit.http.api import MAY_CALL, Api
from functions.kit.http.requests.auth import Access
from tests.support.callers.identities import caller, identity

CREDENTIALS = {
    "both": identity(caller(role="viewer", workspace="home"), caller(workspace="team")),
    "one": identity(caller(workspace="home", only=Subject("model", "titanic"))),
}


def answered(credential: str, path: str, **fields: str) -> int:
    """Return what the function says of a POST of that path."""
    api = Api("pets", "Pets.", Access("pets", "x", CREDENTIALS.get), 100)

    @api.route("POST", "/models/{model}/walks")
    def walk(model: str, caller: Caller) -> None:
        """Walk."""
        raise AssertionError("asked, and not called")

    app = Flask("test")
    app.add_url_rule("/<path:path>", "all", lambda path: api.handle(request))
    call = {"X-Original-Method": "POST", "X-Original-URI": path}
    headers = {"Authorization": f"Bearer {credential}", **call, **fields}
    return app.test_client().get(MAY_CALL, headers=headers).status_code


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, 403), ({"X-Workspace": "team"}, 204), ({"X-Workspace": "else"}, 404)],
)
def test_a_session_is_asked_about_where_it_calls(fields: dict[str, str], status: int) -> None:
    assert answered("both", "/models/titanic/walks", **fields) == status


@pytest.mark.parametrize(("model", "status"), [("titanic", 204), ("heart", 404)])
def test_a_key_is_asked_about_what_it_is_for(model: str, status: int) -> None:
    assert answered("one", f"/models/{model}/walks") == status
