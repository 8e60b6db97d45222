"""Firestore refuses a call for want of room, or of quota: an answer that says so, never a 500."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, request
from google.api_core.exceptions import ResourceExhausted
from google.cloud.firestore_v1.transaction import Transaction

from functions.kit.adapters.access import firestore_identities
from functions.kit.adapters.access.identities import Identities
from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import reads_away
from functions.kit.contract.access.identity import IdentitiesAway
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.service.revalidating_cache import MAX_AGE, RevalidatingCache
from tests.support.callers.identities import NOBODY

FULL = ResourceExhausted("The disk of /data is full.")


def fails(**_: Any) -> Any:
    raise FULL


def works(**_: Any) -> Any:
    return SimpleNamespace(transaction=b"1", write_results=[], commit_time=None)


class Client:
    """What a transaction uses of the client; one of its calls finds no room."""

    _database_string = "projects/p/databases/d"
    _rpc_metadata = ()

    def __init__(self, full: str) -> None:
        calls = dict.fromkeys(("begin_transaction", "commit", "rollback"), works) | {full: fails}
        self._firestore_api = SimpleNamespace(**calls)

    def transaction(self, max_attempts: int) -> Transaction:
        return Transaction(self, max_attempts)


@pytest.mark.parametrize("call", ["begin_transaction", "commit"])
def test_a_transaction_that_finds_no_room_at_any_step_answers_507(
    monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setattr(firestore, "client", lambda: Client(call))
    api = Api("pets", "Pets.", Access("pets", "secret", NOBODY.get), max_json_bytes=100)

    @api.route("POST", "/pets", access="open")
    def add() -> None:
        """Add one."""
        firestore.transact(lambda _: None)

    with Flask("test").test_request_context("/pets", method="POST"):
        response = api.handle(request)
    assert (response.status_code, response.headers["Retry-After"]) == (507, "3")
    assert response.json is not None
    assert "The disk of /data is full." in response.json["detail"]


def test_a_key_that_is_remembered_counts_while_firestore_refuses_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = SimpleNamespace(exists=True, to_dict=lambda: {"name": "ann", "role": "admin"})
    owner = SimpleNamespace(exists=False)  # whose the key is, before the document is written
    answers: list[Any] = [document, owner, FULL, FULL]

    def get(**_: Any) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    reference = SimpleNamespace(get=get)
    collection = SimpleNamespace(document=lambda _: reference)
    client = SimpleNamespace(collection=lambda _: collection)
    monkeypatch.setattr(firestore_identities, "client", lambda: client)
    now = [0.0]
    identities = Identities(firestore_identities.find, clock=lambda: now[0])
    known = identities.of("mf_key")
    assert known is not None
    now[0] += MAX_AGE
    assert identities.of("mf_key") == known
    with pytest.raises(IdentitiesAway):
        identities.of("mf_another")
    assert answers == []


def test_what_is_known_of_a_model_counts_while_firestore_refuses_reads() -> None:
    now, answers = [0.0], ["first"]

    def load(_: str) -> str:
        if not answers:
            raise FULL
        return answers.pop()

    with ThreadPoolExecutor(1) as background:
        cache = RevalidatingCache(load, reads_away(), background, clock=lambda: now[0])
        assert cache.get("model") == "first"
        now[0] += MAX_AGE
        assert cache.get("model") == "first"
