"""The documents that say who is who: `accounts/{id}`, `sessions/{digest}`, `api_keys/{digest}`.

The function `accounts` writes them; every function reads them as they are stored, because asking
another function at each call would make that one's absence everybody's. So their shape stands here,
once. A credential's document is found by its SHA-256, which is all that is kept of it.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from functions.kit.contract.access.api_key import id_of
from functions.kit.contract.access.identity import (
    OWNER,
    RIGHTS,
    UNLIMITED,
    Caller,
    Identity,
    Right,
    Role,
    Scope,
    Subject,
    of_first_key,
)
from functions.kit.contract.access.workspaces import MAIN

ACCOUNTS = "accounts"
OLD_ROLE = "admin"
"""In every key of an earlier release, in a field `role`."""
FREEMIUM = "freemium"
"""The plan of an account that nobody gave another."""


class Account(msgspec.Struct, kw_only=True):
    """A person, or whatever signs in.

    Attributes:
        id: never changes, and is never reused.
        email: as it was written; unique without regard to case.
        name: how lists and histories call it.
        roles: its role in each workspace that it belongs to.
        home: the workspace that is meant where a call names none.
        plan: the name of its plan, which bounds what it may ask for.
        operator: whether it runs the system: accounts, plans, settings.
        disabled: whether it, and its keys, are shut out.
    """

    id: str
    email: str
    name: str
    roles: dict[str, Role] = {}
    home: str = ""
    plan: str = FREEMIUM
    operator: bool = False
    disabled: bool = False
    created_at: dt.datetime
    updated_at: dt.datetime


class Session(msgspec.Struct, kw_only=True):
    """Somebody who is signed in; `id` is for lists, and opens nothing."""

    id: str
    account: str
    created_at: dt.datetime
    ends_at: dt.datetime
    agent: str = ""
    address: str = ""


class ApiKey(msgspec.Struct, kw_only=True):
    """A key of an account for one workspace.

    Attributes:
        id: for lists, and to revoke it; opens nothing.
        scopes: what it may do, as far as its account may.
        only: the one model or dataset that it is for.
        last_four: the key's last letters.
        days: for how many it was asked for.
        ends_at: when it expires.
        last_used_at: to the minute; None before its first use.
        replaces: the id of the key that it was made for in rotation.
    """

    id: str
    name: str
    account: str
    workspace: str
    scopes: list[Scope]
    only: Subject | None = None
    last_four: str = ""
    created_at: dt.datetime
    days: int | None = None
    ends_at: dt.datetime | None = None
    last_used_at: dt.datetime | None = None
    replaces: str = ""


def document_of(value: Account | Session | ApiKey) -> dict[str, Any]:
    """Return what Firestore stores."""
    return dict(msgspec.to_builtins(value, builtin_types=(dt.datetime,)))


def read_account(document: Mapping[str, Any]) -> Account:
    """Return the account that `document` holds (times already plain, see `firestore.plain`)."""
    return msgspec.convert(document, Account)


def read_session(document: Mapping[str, Any]) -> Session:
    """Return the session that `document` holds."""
    return msgspec.convert(document, Session)


def read_key(document: Mapping[str, Any]) -> ApiKey:
    """Return the key that `document` holds."""
    return msgspec.convert(document, ApiKey)


def is_of_an_earlier_release(key: Mapping[str, Any]) -> bool:
    """Tell whether a key's document is older than accounts: it is the owner's then."""
    return ACCOUNTS[:-1] not in key


def old_key(key: Mapping[str, Any], digest: str) -> ApiKey:
    """Return the document of a key of an earlier release as one of today's, for lists."""
    return ApiKey(
        id=id_of(digest),
        name=str(key["name"]),
        account=OWNER,
        workspace=MAIN,
        scopes=list(get_args(Scope)),
        created_at=key["created_at"],
        last_used_at=key.get("last_used_at"),
    )


def of_old_key(key: Mapping[str, Any], digest: str, account: Account | None) -> Identity | None:
    """Return whose a key of an earlier release is, which could do everything: the owner's.

    It still may as long as that account owns the workspace; then what the account's role lets it.
    """
    role = None if account is None or account.disabled else account.roles.get(MAIN)
    if role is None:
        return None
    first, named = of_first_key().callers[MAIN], {"name": str(key["name"]), "key": id_of(digest)}
    rights = first.rights if role == "owner" else RIGHTS[role]
    caller = msgspec.structs.replace(first, rights=rights, **named)
    return Identity(callers={MAIN: caller}, home=MAIN)


def of_session(session: Session, account: Account | None) -> Identity | None:
    """Return who is signed in; None when the account is no more, or is shut out."""
    if account is None or account.disabled:
        return None
    callers = {
        workspace: Caller(
            name=account.name,
            kind="session",
            workspace=workspace,
            account=account.id,
            rights=_rights(account, role),
            plan=account.plan,
        )
        for workspace, role in account.roles.items()
    }
    home = account.home if account.home in callers else next(iter(sorted(callers)), "")
    if not callers:  # whoever belongs nowhere can still look after the account itself
        rights = _rights(account, None)
        callers[""] = Caller(
            name=account.name,
            kind="session",
            account=account.id,
            rights=rights,
            plan=account.plan,
        )
    return Identity(callers=callers, home=home, ends=session.ends_at.timestamp())


def of_key(key: ApiKey, account: Account | None) -> Identity | None:
    """Return who holds a key; None when its account is no more, shut out, or left the workspace."""
    if account is None or account.disabled or key.workspace not in account.roles:
        return None
    allowed = RIGHTS[account.roles[key.workspace]]
    rights: frozenset[Right] = frozenset(scope for scope in key.scopes if scope in allowed)
    caller = Caller(
        name=key.name,
        kind="key",
        workspace=key.workspace,
        account=account.id,
        rights=rights,
        only=key.only,
        plan=account.plan,
        key=key.id,
        last_four=key.last_four,
    )
    ends = key.ends_at.timestamp() if key.ends_at else None
    return Identity(callers={key.workspace: caller}, home=key.workspace, ends=ends)


def owner(email: str, now: dt.datetime) -> Account:
    """Return the account that a system begins with."""
    return Account(
        id=OWNER,
        email=email,
        name=OWNER,
        roles={MAIN: "owner"},
        home=MAIN,
        plan=UNLIMITED,
        operator=True,
        created_at=now,
        updated_at=now,
    )


def _rights(account: Account, role: Role | None) -> frozenset[Right]:
    own: set[Right] = {"self"}
    if account.operator:
        own.add("operate")
    return frozenset(own) | (RIGHTS[role] if role else frozenset())
