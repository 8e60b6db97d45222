"""Accounts, sessions and keys, written where functions read them: members of workspaces."""

import datetime as dt
from typing import Any, NamedTuple
from uuid import uuid4

from functions.kit.adapters import firestore
from functions.kit.contract import accounts
from functions.kit.contract.accounts import ACCOUNTS, API_KEYS, SESSIONS, Account, ApiKey, Session
from functions.kit.contract.api_key import digest, new_key, new_session
from functions.kit.contract.identity import Role, Scope, Subject

LIFE = dt.timedelta(hours=1)


class Credential(NamedTuple):
    """A key or a session: its header, and the document that it counts by."""

    header: dict[str, str]
    path: str

    def end(self) -> None:
        """Withdraw it."""
        firestore.client().document(self.path).delete()


class Member:
    """Somebody with roles in workspaces, the first of which is the home."""

    def __init__(self, roles: dict[str, Role]) -> None:
        self.account = uuid4().hex
        home = next(iter(roles))
        now = dt.datetime.now(dt.UTC)
        made = Account(
            id=self.account,
            email=f"{self.account}@example.org",
            name=home,
            roles=roles,
            home=home,
            created_at=now,
            updated_at=now,
        )
        _write(f"{ACCOUNTS}/{self.account}", made)
        self._home, self._now = home, now

    def session(self) -> Credential:
        """Sign in."""
        token = new_session()
        made = Session(
            id=uuid4().hex, account=self.account, created_at=self._now, ends_at=self._now + LIFE
        )
        return _credential(SESSIONS, token, made)

    def key(self, *scopes: Scope, only: Subject | None = None) -> Credential:
        """Make a key for the home; of every scope where none is named."""
        made = ApiKey(
            id=uuid4().hex,
            name="key",
            account=self.account,
            workspace=self._home,
            scopes=list(scopes or ("read", "predict", "write")),
            only=only,
            created_at=self._now,
        )
        return _credential(API_KEYS, new_key(), made)


def _credential(collection: str, secret: str, made: Any) -> Credential:
    path = f"{collection}/{digest(secret)}"
    _write(path, made)
    return Credential({"Authorization": f"Bearer {secret}"}, path)


def _write(path: str, made: Any) -> None:
    firestore.client().document(path).set(accounts.document_of(made), **firestore.PATIENCE)
