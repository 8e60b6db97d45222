"""What an earlier release stored, before there were accounts, is the first owner's as it lies."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.identity import OWNER
from tests.support.callers.members import Member
from tests.support.models.onnx import train
from tests.support.models.registrations import register

RECORDS = {"records": [{"age": 30, "rooms": 3, "sex": "female"}]}


@pytest.fixture
def old(function_app: Callable[[str], FlaskClient], key: dict[str, str]) -> str:
    """Return the name of a model of two versions, without what has come since."""
    name, trained = f"o-{uuid.uuid4().hex[:8]}", train()
    for _ in range(2):
        register(function_app("models"), key, name, trained)
    place = firestore.client().collection("models").document(name)
    for document in (
        place,
        *place.collection("versions").list_documents(),
        *place.collection("changes").list_documents(),
    ):
        document.update(dict.fromkeys(("owner", "account"), google_firestore.DELETE_FIELD))
    assert not {"owner", "account"} & {*place.get().to_dict()}
    return name


def test_an_old_model_goes_on(
    function_app: Callable[[str], FlaskClient], key: dict[str, str], old: str
) -> None:
    models, prediction = function_app("models"), function_app("prediction")

    def call(method: str, end: str = "", **options: Any) -> Any:
        answer = models.open(f"/models/{old}{end}", method=method, headers=key, **options)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    assert [call("GET", end)["owner"] for end in ("", "/versions/2")] == [OWNER] * 2
    listed = call("GET", "/versions")["items"]
    assert [(one["version"], one["owner"]) for one in listed] == [(2, OWNER), (1, OWNER)]
    assert ["account" in one for one in call("GET", "/history")["items"]] == [False] * 2
    call("PUT", "/aliases/champion", json={"version": 2})
    assert call("GET", "/history")["items"][0]["account"] == OWNER
    asked = prediction.post(f"/models/{old}/predict", json=RECORDS, headers=key)
    assert asked.get_json()["version"] == 2
    assert register(models, key, old, train()) == 3
    stranger = Member({"elsewhere": "owner"}).session().header
    assert models.get(f"/models/{old}", headers=stranger).status_code == 404
    assert models.delete(f"/models/{old}", headers=key).status_code == 204
