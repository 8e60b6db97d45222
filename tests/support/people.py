"""Accounts and keys in Firestore, as the function `accounts` writes them: who calls, in tests."""

import datetime as dt
from collections.abc import Sequence
from uuid import uuid4

from functions.kit.adapters.firestore import client
from functions.kit.contract.accounts import ACCOUNTS, API_KEYS, Account, ApiKey, document_of
from functions.kit.contract.api_key import digest, new_key
from functions.kit.contract.identity import Role, Scope, Subject


def new_account(role: Role, *workspaces: str) -> str:
    """Return the id of a new account that has a role in some workspaces."""
    now, name = dt.datetime.now(dt.UTC), f"a{uuid4().hex[:12]}"
    account = Account(
        id=name,
        email=f"{name}@example.org",
        name=name,
        roles=dict.fromkeys(workspaces, role),
        home=workspaces[0],
        created_at=now,
        updated_at=now,
    )
    client().collection(ACCOUNTS).document(name).set(document_of(account))
    return name


def key_of(
    account: str,
    workspace: str,
    scopes: Sequence[Scope] = ("read", "predict", "write"),
    only: Subject | None = None,
) -> dict[str, str]:
    """Return the header of a new key of an account for a workspace."""
    shown, name = new_key(), f"k{uuid4().hex[:12]}"
    key = ApiKey(
        id=name,
        name=name,
        account=account,
        workspace=workspace,
        scopes=list(scopes),
        only=only,
        last_four=shown[-4:],
        created_at=dt.datetime.now(dt.UTC),
    )
    client().collection(API_KEYS).document(digest(shown)).set(document_of(key))
    return {"Authorization": f"Bearer {shown}"}
