"""What callers are shown: never a hash, never a digest."""

import datetime as dt

import msgspec

from functions.kit.contract.access.accounts import Account
from functions.kit.contract.access.identity import Role


class AccountView(msgspec.Struct, kw_only=True):
    """An account, as its owner and an operator see it."""

    id: str
    email: str
    name: str
    roles: dict[str, Role]
    home: str
    plan: str
    operator: bool
    disabled: bool
    created_at: dt.datetime


class Signed(msgspec.Struct, kw_only=True):
    """A session that has begun; `token` is shown here alone."""

    token: str
    ends_at: dt.datetime
    account: AccountView


class Link(msgspec.Struct):
    """What signs an account in, one time."""

    token: str
    ends_at: dt.datetime


def view(account: Account) -> AccountView:
    """Return what is shown of an account."""
    return msgspec.convert(account, AccountView, from_attributes=True)
