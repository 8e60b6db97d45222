"""Transactions over a client whose service is away, or whose documents others keep changing."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import firebase_admin
import pytest
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.api_core.exceptions import Aborted, ServiceUnavailable
from google.cloud.firestore_v1.transaction import Transaction
from google.protobuf.timestamp_pb2 import Timestamp

from functions.kit.adapters.once import Once
from functions.kit.adapters.stores import firestore
from functions.kit.contract.errors import Away


class Client:
    """What a transaction uses of the client."""

    _database_string = "projects/p/databases/d"
    _rpc_metadata = ()

    def __init__(self, **calls: Callable[..., Any]) -> None:
        self._firestore_api = SimpleNamespace(**calls)

    def transaction(self, max_attempts: int) -> Transaction:
        return Transaction(self, max_attempts)


def test_a_client_that_could_not_be_made_can_be_made_by_the_next_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setattr("os.getpid", lambda: "of this test")
    be_patient = firestore._be_patient
    monkeypatch.setattr(firestore, "_be_patient", fails(OSError("no credentials yet")))
    client = Once(firestore.client.__wrapped__)
    with pytest.raises(OSError, match="no credentials yet"):
        client()
    monkeypatch.setattr(firestore, "_be_patient", be_patient)
    client().close()
    firebase_admin.delete_app(firebase_admin.get_app("mayfly-of this test"))


@pytest.mark.parametrize(
    "moment",
    [
        dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, dt.UTC),
        dt.datetime(1, 1, 1, 0, 0, 0, 1, dt.UTC),
        dt.datetime(1066, 10, 14, 9, 0, 0, 123_457, dt.UTC),
    ],
)
def test_moments_far_away_are_exact(moment: dt.datetime) -> None:
    stored = DatetimeWithNanoseconds.from_timestamp_pb(_stamped(moment))
    found = firestore.plain({"at": [stored]})["at"][0]
    assert (type(found), found) == (dt.datetime, moment)


def _stamped(moment: dt.datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def begin(**_: Any) -> Any:
    return SimpleNamespace(transaction=b"1")


def done(**_: Any) -> Any:
    return SimpleNamespace(write_results=[], commit_time=None)


def fails(error: Exception) -> Callable[..., Any]:
    def call(*_: Any, **__: Any) -> Any:
        raise error

    return call


def transact(monkeypatch: pytest.MonkeyPatch, client: Client, work: Callable[[Any], Any]) -> Any:
    monkeypatch.setattr(firestore, "client", lambda: client)
    return firestore.transact(work)


def test_a_transaction_that_cannot_begin_says_that_firestore_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = Client(begin_transaction=fails(ServiceUnavailable("away")), rollback=done)
    with pytest.raises(Away):
        transact(monkeypatch, client, lambda _: None)


def test_a_transaction_that_is_aborted_every_time_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[Any] = []
    client = Client(begin_transaction=begin, commit=fails(Aborted("changed")), rollback=done)
    with pytest.raises(Away):
        transact(monkeypatch, client, tries.append)
    assert len(tries) == firestore.ATTEMPTS


def test_an_error_of_the_work_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(begin_transaction=begin, commit=done, rollback=done)
    with pytest.raises(ValueError, match="not a number"):
        transact(monkeypatch, client, fails_with_value_error)
    assert transact(monkeypatch, client, lambda _: 7) == 7


def fails_with_value_error(_: Any) -> None:
    raise ValueError("not a number")


def test_a_transactions_own_calls_are_as_patient_as_the_others() -> None:
    seen: list[Any] = []

    def call(**options: Any) -> None:
        seen.append(options)

    client = Client(begin_transaction=call, commit=call, rollback=call)
    firestore._be_patient(client)
    client._firestore_api.begin_transaction(request=1)
    client._firestore_api.commit(request=2, timeout=3.0)
    assert seen[0] == {"request": 1, **firestore.PATIENCE}
    assert seen[1]["timeout"] == 3.0
