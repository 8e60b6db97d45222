"""Accounts as the function `accounts` stores them, with a key each."""

import datetime as dt
from uuid import uuid4

import msgspec

from functions.kit.adapters import firestore
from functions.kit.contract import accounts
from functions.kit.contract.accounts import ACCOUNTS, API_KEYS, SESSIONS, Account, ApiKey, Session
from functions.kit.contract.api_key import digest, new_key, new_session
from functions.kit.contract.identity import Role, Scope
from functions.kit.contract.plans import PLANS, Plan
from functions.kit.contract.workspaces import MAIN

NOW = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
SCOPES: list[Scope] = ["read", "predict", "write"]


def put_account(plan: str, role: Role = "editor") -> Account:
    """Store an account in the workspace `main`."""
    name = f"a-{uuid4().hex[:12]}"
    made = Account(
        id=name,
        email=f"{name}@example.com",
        name=name,
        roles={MAIN: role},
        home=MAIN,
        plan=plan,
        created_at=NOW,
        updated_at=NOW,
    )
    firestore.client().collection(ACCOUNTS).document(name).set(accounts.document_of(made))
    return made


def put_key(account: Account) -> dict[str, str]:
    """Store a key of an account; return the header that shows it."""
    secret = new_key()
    made = ApiKey(
        id=uuid4().hex,
        name=account.name,
        account=account.id,
        workspace=MAIN,
        scopes=SCOPES,
        created_at=NOW,
    )
    document = accounts.document_of(made)
    firestore.client().collection(API_KEYS).document(digest(secret)).set(document)
    return {"Authorization": f"Bearer {secret}"}


def put_plan(plan: Plan) -> str:
    """Store a plan; return its name."""
    firestore.client().collection(PLANS).document(plan.name).set(msgspec.to_builtins(plan))
    return plan.name


def sign_in(account: Account) -> dict[str, str]:
    """Store a session of an account; return the header that shows it."""
    secret = new_session()
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    made = Session(id=uuid4().hex, account=account.id, created_at=NOW, ends_at=ends)
    document = accounts.document_of(made)
    firestore.client().collection(SESSIONS).document(digest(secret)).set(document)
    return {"Authorization": f"Bearer {secret}"}
