"""When keys were last used: the double in memory and Firestore keep the same promises."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple
from uuid import uuid4

import pytest

from functions.accounts.adapters.firestore.keys import FirestoreKeys
from functions.accounts.adapters.memory.key_uses import MemoryKeyUses
from functions.accounts.service.activity.ports import KeyUses
from functions.kit.adapters.stores import firestore
from functions.kit.contract.access.accounts import ApiKey, document_of
from functions.kit.contract.access.api_key import API_KEYS

AT = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


class Kept(NamedTuple):
    """Uses, and when the key is said to have been used last."""

    uses: KeyUses
    key: str
    last: Callable[[], dt.datetime | None]


@pytest.fixture(params=["memory", "firestore"])
def kept(request: pytest.FixtureRequest) -> Kept:
    key = uuid4().hex
    if request.param == "memory":
        memory = MemoryKeyUses(key)
        return Kept(memory, key, lambda: memory.last[key])
    request.getfixturevalue("emulators")
    document = firestore.client().collection(API_KEYS).document(uuid4().hex)
    whole = ApiKey(id=key, name="n", account="a", workspace="w", scopes=["read"], created_at=AT)
    document.set(document_of(whole))
    return Kept(
        FirestoreKeys(), key, lambda: firestore.plain(document.get().to_dict())["last_used_at"]
    )


def test_a_use_is_kept_and_a_later_one_after_a_while_alone(kept: Kept) -> None:
    assert kept.last() is None
    for at, last in (
        (AT, AT),
        (AT - MINUTE, AT),
        (AT + MINUTE / 2, AT),
        (AT + MINUTE, AT + MINUTE),
    ):
        kept.uses.note_used({kept.key: at}, MINUTE)
        assert kept.last() == last


def test_a_key_that_is_no_more_is_left_out(kept: Kept) -> None:
    kept.uses.note_used({uuid4().hex: AT, kept.key: AT}, MINUTE)
    assert kept.last() == AT
