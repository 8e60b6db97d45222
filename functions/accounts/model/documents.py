"""What this function alone stores, and how it stands in documents.

`accounts/{id}`, `sessions/{digest}` and `api_keys/{digest}` are read by every function: their shape
is in `functions/kit/contract/access/accounts.py`. These are ours:

- `emails/{SHA-256 of the address}`: whose it is, so that no two accounts share one;
- `passwords/{account}`: apart from the account, which every function reads;
- `tokens/{digest}`: what is good once, for a link in a mail;
- `revoked_keys/{digest}`: of API keys that are not to come back;
- `invitations/{digest}`; `workspaces/{id}`; `settings/accounts`; `throttles/{…}`; `requests/{…}`.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import msgspec

from functions.kit.contract.access.identity import Role

EMAILS, PASSWORDS, TOKENS, INVITATIONS = "emails", "passwords", "tokens", "invitations"
REQUESTS = "requests"
REVOKED_KEYS = "revoked_keys"
SETTINGS = "settings/accounts"
ONCE_PREFIX = "mft_"

SignUpMode = Literal["open", "invitation", "off"]
Document = dict[str, Any]
T = TypeVar("T", bound=msgspec.Struct)


class Password(msgspec.Struct, frozen=True, kw_only=True):
    """An account's password; `stamp` counts its changes."""

    hash: str
    stamp: int
    changed_at: dt.datetime


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """What opens something one time.

    Attributes:
        kind: to sign in, to set another password, or to make the account that was asked for.
        account: whose it is; empty for one that is yet to be made.
        stamp: of the account's password when it was made; another one since then ends it.
        email: of the account that is yet to be made; so are `name` and `hash`.
    """

    kind: Literal["link", "reset", "sign-up"]
    account: str = ""
    stamp: int = 0
    email: str = ""
    name: str = ""
    hash: str = ""
    ends_at: dt.datetime


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """To become a member of a workspace; `id` is for lists, and opens nothing."""

    id: str
    workspace: str
    email: str
    role: Role
    created_at: dt.datetime
    ends_at: dt.datetime


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """What things belong to; `members` has each account's role, as the account itself has."""

    id: str
    name: str
    members: dict[str, Role]
    created_at: dt.datetime


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator says for the whole system; `sign_up`: who may make an account."""

    sign_up: SignUpMode = "invitation"


def document_of(value: msgspec.Struct) -> Document:
    """Return what is stored."""
    return dict(msgspec.to_builtins(value, builtin_types=(dt.datetime,)))


def read(kind: type[T], document: Mapping[str, Any]) -> T:
    """Return what `document` holds."""
    return msgspec.convert(document, kind)


def new_once() -> str:
    """Return a fresh token that is good once."""
    return ONCE_PREFIX + secrets.token_urlsafe(32)
