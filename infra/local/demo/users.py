"""The people of the demo: one on each plan, who see its things and may have predictions."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import NamedTuple

from infra.local.demo.client import Client, Json
from infra.local.errors import LocalError

PLANS = {"free@example.com": "freemium", "premium@example.com": "premium"}
WORKSPACE, ROLE = "main", "viewer"
_ACCOUNTS = "accounts/accounts"
_LENGTH = 20  # hex digits of a password: 80 bits


class User(NamedTuple):
    """Somebody who can sign in; the password counts until it is changed."""

    email: str
    plan: str
    password: str


def ensure(client: Client) -> list[User]:
    """Make those that are not there yet; return all, with what they sign in with.

    Raises:
        LocalError: the key may not make accounts, or the system has none.
    """
    there = {str(one["email"]).casefold(): one for one in _accounts(client)}
    return [_ensured(client, email, there.get(email)) for email in PLANS]


def _ensured(client: Client, email: str, account: Json | None) -> User:
    password = password_of(client.access.key, email)
    if account is None:
        body = {"email": email, "name": email.partition("@")[0], "plan": PLANS[email]}
        body |= {"password": password, "workspace": WORKSPACE, "role": ROLE}
        named = {"Idempotency-Key": f"demo {email}"}  # for it is sent again until it is answered
        account = client.call("POST", _ACCOUNTS, json=body, headers=named)
    return User(email, str(account["plan"]), password)


def password_of(key: str, email: str) -> str:
    """Return a user's password: the same in each demo with this key, and kept nowhere."""
    made = hmac.new(key.encode(), f"mayfly demo user 1\n{email}".encode(), hashlib.sha256)
    return made.hexdigest()[:_LENGTH]


def _accounts(client: Client) -> Iterator[Json]:
    cursor = None
    while True:
        query = {"limit": 1000} | ({"cursor": cursor} if cursor else {})
        page = client.call("GET", _ACCOUNTS, params=query)
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return


def told(client: Client) -> list[str]:
    """Return a line for each user, how that one signs in; or one that says why there are none."""
    try:
        found = ensure(client)
    except LocalError as error:
        return [f"there are no example users: {error.message}"]
    return [f"{one.email}, on plan {one.plan}, signs in with {one.password}" for one in found]
