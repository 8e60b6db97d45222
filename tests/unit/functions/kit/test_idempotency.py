"""Idempotency keys: one id for each workspace, caller and key; what cannot be a key is refused."""

import re

import pytest
from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.errors import Unreadable
from functions.kit.contract.requests import idempotency
from functions.kit.http.requests.idempotency import request_id


def test_an_id_is_one_for_each_workspace_account_and_key() -> None:
    whom = [("main", "a"), ("main", "b"), ("other", "a")]
    ids = {idempotency.id_of(*who, key) for who in whom for key in ("k", "K", "k ")}
    assert len(ids) == 9
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)
    assert idempotency.id_of("main", "a", "k") in ids


@pytest.mark.parametrize("key", ["", "  ", "k" * (idempotency.LONGEST + 1)])
def test_a_key_that_names_nothing_or_is_too_long_is_refused(key: str) -> None:
    with pytest.raises(Unreadable, match="Idempotency-Key is unusable") as refused:
        idempotency.id_of("main", "a", key)
    assert refused.value.flaws[0].column == "Idempotency-Key"


def test_the_longest_key_is_taken() -> None:
    idempotency.check_key("k" * idempotency.LONGEST)


def test_another_request_under_the_key_is_told_so() -> None:
    assert "choose a new one" in idempotency.other_request().detail


def sent(headers: dict[str, str]) -> Request:
    return Request(EnvironBuilder(method="POST", headers=Headers(headers)).get_environ())


def test_the_header_is_read_for_whoever_calls() -> None:
    account = Caller(name="laptop", kind="key", workspace="main", account="a")
    step = Caller(name="training", kind="step", workspace="main")
    keyed = sent({"Idempotency-Key": "k"})
    assert request_id(keyed, account) == idempotency.id_of("main", "a", "k")
    assert request_id(keyed, step) == idempotency.id_of("main", "training", "k")
    assert request_id(sent({}), account) is None
    with pytest.raises(Unreadable):
        request_id(sent({"Idempotency-Key": ""}), account)
