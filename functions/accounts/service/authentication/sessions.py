"""Sessions: begun, listed, ended. That an ended one is refused within a second is the kit's."""

import datetime as dt
import secrets
from typing import NamedTuple

import msgspec

from functions.accounts.model.views import Signed, view
from functions.accounts.service.ports import Database, Transaction
from functions.accounts.service.sweeping import Sweeper
from functions.kit.contract.access import accounts
from functions.kit.contract.access.accounts import Account, Session
from functions.kit.contract.access.api_key import SESSIONS, digest, new_session
from functions.kit.contract.errors import not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.pages import Page, PageQuery, page_of

LASTS = dt.timedelta(days=30)
MOST = 100
"""Sessions of an account; one more ends the oldest."""


class Visitor(NamedTuple):
    """Who asks, as far as the network tells: the browser's own name, and its address."""

    agent: str
    address: str


class SessionView(msgspec.Struct, kw_only=True):
    """A session in a list; `current` is the one that asks."""

    id: str
    created_at: dt.datetime
    ends_at: dt.datetime
    agent: str
    address: str
    current: bool


class Sessions:
    """Begins, lists and ends sessions."""

    def __init__(self, database: Database, sweeper: Sweeper, clock: Clock) -> None:
        self._database = database
        self._sweeper = sweeper
        self._clock = clock

    def begin(self, transaction: Transaction, account: Account, visitor: Visitor) -> Signed:
        """Begin a session, always with a new token, in a transaction that reads no more."""
        token, now = new_session(), self._clock.now()
        session = Session(
            id=secrets.token_hex(8),
            account=account.id,
            created_at=now,
            ends_at=now + LASTS,
            agent=visitor.agent,
            address=visitor.address,
        )
        transaction.set(f"{SESSIONS}/{digest(token)}", accounts.document_of(session))
        return Signed(token=token, ends_at=session.ends_at, account=view(account))

    def tidy(self, account_id: str) -> None:
        """Remove those of an account that are over, and the oldest of too many."""
        self._sweeper.look()

        def work(transaction: Transaction) -> None:
            found = sorted(
                _of(transaction, account_id).items(), key=lambda item: item[1].created_at
            )
            now, kept = self._clock.now(), len(found)
            for name, session in found:
                if kept > MOST or session.ends_at <= now:
                    transaction.delete(f"{SESSIONS}/{name}")
                    kept -= 1

        self._database.transact(work)

    def page(self, account_id: str, current: str, query: PageQuery) -> Page[SessionView]:
        """Return those that are going on, by id.

        Args:
            account_id: whose.
            current: the credential that asks.
            query: which page.
        """
        now, own = self._clock.now(), digest(current)
        views = [
            msgspec.convert(msgspec.structs.asdict(session) | {"current": name == own}, SessionView)
            for name, session in _of(self._database, account_id).items()
            if session.ends_at > now
        ]
        after = query.after or ""
        found = sorted((one for one in views if one.id > after), key=lambda one: one.id)
        return page_of(found, query.limit, lambda one: one.id)

    def end(self, account_id: str, session_id: str) -> None:
        """End one of an account's; raises NotFound."""

        def work(transaction: Transaction) -> None:
            found = _of(transaction, account_id)
            names = [name for name, session in found.items() if session.id == session_id]
            if not names:
                raise not_found("session", session_id[:80])
            transaction.delete(f"{SESSIONS}/{names[0]}")

        self._database.transact(work)

    def end_own(self, credential: str) -> None:
        """End the session that a credential is."""
        path = f"{SESSIONS}/{digest(credential)}"
        self._database.transact(lambda transaction: transaction.delete(path))


def all_but(transaction: Transaction, account_id: str, current: str = "") -> list[str]:
    """Return the paths of an account's sessions, without the one of this credential."""
    own = digest(current)
    return [f"{SESSIONS}/{name}" for name in _of(transaction, account_id) if name != own]


def _of(reader: Transaction | Database, account_id: str) -> dict[str, Session]:
    found = reader.find(SESSIONS, "account", account_id)
    return {name: accounts.read_session(document) for name, document in found.items()}
