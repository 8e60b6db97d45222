"""Whose credentials are, as Firestore has it (`contract/accounts`)."""

from typing import Any

from functions.kit.adapters.client_errors import reads_away
from functions.kit.adapters.firestore import client, plain
from functions.kit.contract import accounts
from functions.kit.contract.accounts import ACCOUNTS, SESSIONS, Account
from functions.kit.contract.identity import IdentitiesAway, Identity

# Seconds: callers wait, and what is known goes on counting.
TIMEOUT = 2.0


def find(collection: str, digest: str) -> Identity | None:
    """Return whose the credential of this SHA-256 is, or None; raises IdentitiesAway."""
    try:
        return _find(collection, digest)
    except reads_away() as error:
        raise IdentitiesAway(str(error)) from error


def _find(collection: str, digest: str) -> Identity | None:
    document = _read(collection, digest)
    if document is None:
        return None
    if collection == SESSIONS:
        session = accounts.read_session(document)
        return accounts.of_session(session, _account(session.account))
    if accounts.is_of_an_earlier_release(document):
        return accounts.of_old_key(document)
    key = accounts.read_key(document)
    return accounts.of_key(key, _account(key.account))


def _account(account_id: str) -> Account | None:
    document = _read(ACCOUNTS, account_id)
    return None if document is None else accounts.read_account(document)


def _read(collection: str, name: str) -> dict[str, Any] | None:
    found = client().collection(collection).document(name).get(timeout=TIMEOUT, retry=None)
    return plain(found.to_dict()) if found.exists else None
