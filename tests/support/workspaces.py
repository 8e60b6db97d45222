"""Accounts, keys and sessions as documents, past the function that makes them."""

import datetime as dt
import secrets
from typing import NamedTuple

from functions.accounts.model import documents
from functions.accounts.model.documents import Workspace
from functions.kit.adapters.firestore import client
from functions.kit.contract import accounts
from functions.kit.contract.accounts import ACCOUNTS, API_KEYS, SESSIONS, Account, ApiKey, Session
from functions.kit.contract.api_key import digest, new_key, new_session
from functions.kit.contract.identity import Role, Scope, Subject
from functions.kit.contract.workspaces import WORKSPACES

Headers = dict[str, str]
EVERYTHING: list[Scope] = ["read", "predict", "write"]


class Member(NamedTuple):
    """Somebody in a workspace, and how calls say who it is."""

    account: Account
    key: Headers
    session: Headers
    key_id: str
    session_id: str


def member(
    workspace: str, role: Role = "owner", only: Subject | None = None, *, operator: bool = False
) -> Member:
    """Make a workspace with one account, which has a role there, a key and a session.

    As an `operator` it runs the system, too.
    """
    now = dt.datetime.now(dt.UTC)
    name = f"{workspace}-{secrets.token_hex(4)}"
    account = Account(
        id=name,
        email=f"{name}@example.com",
        name=name,
        roles={workspace: role},
        home=workspace,
        plan="unlimited",
        operator=operator,
        created_at=now,
        updated_at=now,
    )
    client().collection(ACCOUNTS).document(name).set(accounts.document_of(account))
    shared = Workspace(id=workspace, name=workspace, members={name: role}, created_at=now)
    client().collection(WORKSPACES).document(workspace).set(documents.document_of(shared))
    key, token = new_key(), new_session()
    kept = ApiKey(
        id=f"k-{name}",
        name=f"key of {name}",
        account=name,
        workspace=workspace,
        scopes=EVERYTHING,
        only=only,
        last_four=key[-4:],
        created_at=now,
    )
    client().collection(API_KEYS).document(digest(key)).set(accounts.document_of(kept))
    session = Session(
        id=f"s-{name}", account=name, created_at=now, ends_at=now + dt.timedelta(hours=1)
    )
    client().collection(SESSIONS).document(digest(token)).set(accounts.document_of(session))
    return Member(account, _bearer(key), _bearer(token), kept.id, session.id)


def _bearer(credential: str) -> Headers:
    return {"Authorization": f"Bearer {credential}"}
