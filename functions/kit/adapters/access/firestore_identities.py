"""Whose credentials are, as Firestore has it (`contract/access/accounts`)."""

import datetime as dt
from typing import Any

from functions.kit.adapters.stores.client_errors import reads_away
from functions.kit.adapters.stores.firestore import client, plain
from functions.kit.contract.access import accounts
from functions.kit.contract.access.accounts import ACCOUNTS, Account
from functions.kit.contract.access.api_key import SESSIONS
from functions.kit.contract.access.identity import OWNER, IdentitiesAway, Identity

# Seconds: callers wait, and what is known goes on counting.
TIMEOUT = 2.0
BEGINNING = dt.datetime.fromtimestamp(0, dt.UTC)


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
        return accounts.of_session(session, account(session.account))
    if accounts.is_of_an_earlier_release(document):
        return accounts.of_old_key(document, digest, account(OWNER))
    key = accounts.read_key(document)
    return accounts.of_key(key, account(key.account))


def account(account_id: str, **options: Any) -> Account | None:
    """Return an account, or None; raises what the client raises.

    Args:
        account_id: its id.
        options: of the call; by default it is made once and soon given up.
    """
    document = _read(ACCOUNTS, account_id, **options)
    if document is None:  # a system has its owner from its first key on, the document comes later
        return accounts.owner("", BEGINNING) if account_id == OWNER else None
    return accounts.read_account(document)


def _read(collection: str, name: str, **options: Any) -> dict[str, Any] | None:
    patience = options or {"timeout": TIMEOUT, "retry": None}
    found = client().collection(collection).document(name).get(**patience)
    return plain(found.to_dict()) if found.exists else None
