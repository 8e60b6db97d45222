"""The store of API keys: the double in memory and Firestore keep the same promises."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from functions.accounts.adapters.firestore.keys import FirestoreKeys
from functions.accounts.adapters.memory.keys import MemoryKeys
from functions.accounts.service.key_ports import Ending, KeyStore
from functions.kit.adapters.stores import firestore
from functions.kit.contract.access import accounts
from functions.kit.contract.access.accounts import ACCOUNTS, ApiKey
from functions.kit.contract.access.api_key import digest, id_of, new_key
from functions.kit.contract.access.identity import OWNER, Subject
from functions.kit.contract.access.workspaces import MAIN
from functions.kit.contract.errors import Gone, NotFound
from tests.support.callers.members import put_old_key

NOON = dt.datetime(2020, 1, 31, 12, tzinfo=dt.UTC)
ELSEWHERE = replace(accounts.owner("", NOON), id=f"elsewhere-{uuid4().hex[:8]}")  # than in north


@pytest.fixture(params=["memory", "firestore"])
def store(request: pytest.FixtureRequest) -> KeyStore:
    if request.param == "memory":
        return MemoryKeys({OWNER: accounts.owner("", NOON), ELSEWHERE.id: ELSEWHERE})
    request.getfixturevalue("emulators")
    return FirestoreKeys(digest("mf_first"))


def made(store: KeyStore, **fields: Any) -> ApiKey:
    name = digest(new_key())
    usual: dict[str, Any] = {"id": id_of(name), "name": "ci", "account": "ann", "last_four": "wxyz"}
    usual |= {"workspace": f"w{uuid4().hex[:8]}", "scopes": ["read"], "created_at": NOON}
    return store.create(name, ApiKey(**usual | fields))


def test_a_key_is_found_as_it_was_made_and_in_its_workspace_alone(store: KeyStore) -> None:
    key = made(store, only=Subject("model", "m"), days=3, ends_at=NOON + dt.timedelta(3))
    assert store.find(key.workspace, key.id) == key
    assert store.all_of(key.workspace) == [key]
    for workspace, key_id in ((MAIN, key.id), (key.workspace, "0" * 32)):
        with pytest.raises(NotFound, match=f"There is no key '{key_id}'"):
            store.find(workspace, key_id)


def test_of_two_of_one_digest_the_first_stays(store: KeyStore) -> None:
    key, name = made(store), digest(new_key())
    first = store.create(name, replace(key, id=id_of(name)))
    assert store.create(name, replace(first, name="other"), Ending(key, NOON)) == first
    assert store.find(key.workspace, key.id).ends_at is None


def test_whoever_is_removed_while_a_key_is_made_has_none(store: KeyStore) -> None:
    if isinstance(store, FirestoreKeys):
        ref = firestore.client().collection(ACCOUNTS).document(ELSEWHERE.id)
        ref.set(accounts.document_of(ELSEWHERE))
    assert made(store, account=ELSEWHERE.id, workspace=MAIN).workspace == MAIN
    before = len(store.all_of("north"))
    with pytest.raises(NotFound, match="There is no workspace 'north'"):
        made(store, account=ELSEWHERE.id, workspace="north")
    assert len(store.all_of("north")) == before


def test_a_key_that_replaces_another_lets_it_end(store: KeyStore) -> None:
    old, name = made(store), digest(new_key())
    store.create(name, replace(old, id=id_of(name)), Ending(old, NOON))
    assert store.find(old.workspace, old.id) == replace(old, ends_at=NOON)
    missing, other = replace(old, id="0" * 32), digest(new_key())
    with pytest.raises(NotFound):
        store.create(other, replace(old, id=id_of(other)), Ending(missing, NOON))
    assert len(store.all_of(old.workspace)) == 2


def test_a_revoked_key_is_gone_for_good(store: KeyStore) -> None:
    name = digest(new_key())
    key = store.create(name, replace(made(store), id=id_of(name)))
    store.revoke(key)
    for again in (lambda: store.revoke(key), lambda: store.find(key.workspace, key.id)):
        with pytest.raises(NotFound):
            again()
    with pytest.raises(Gone, match="was revoked"):
        store.create(name, key)


def test_the_owner_is_there_before_the_document(store: KeyStore) -> None:
    owner = store.account(OWNER)
    assert owner is not None
    assert (owner.roles, owner.operator) == ({MAIN: "owner"}, True)
    assert store.account("nobody") is None


def test_keys_of_earlier_releases_are_listed_and_revoked(emulators: dict[str, str]) -> None:
    store, name = FirestoreKeys(digest("mf_first")), digest(f"mf_{uuid4()}")
    put_old_key(name, "old")
    put_old_key(digest("mf_first"), "first")
    listed = {key.id: key for key in store.all_of(MAIN)}
    old = listed[id_of(name)]
    assert (old.name, old.account, old.last_four) == ("old", OWNER, "")
    assert id_of(digest("mf_first")) not in listed
    store.note_used({old.id: NOON}, dt.timedelta(minutes=1))
    assert store.find(MAIN, old.id).last_used_at == NOON
    store.revoke(old)
    assert old.id not in {key.id for key in store.all_of(MAIN)}
