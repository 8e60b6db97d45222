"""Who signs in: by e-mail and password, or by a link that is good once."""

import datetime as dt

from functions.accounts.model import documents
from functions.accounts.model.documents import PASSWORDS, TOKENS, Once, Password
from functions.accounts.model.refusals import NotSignedIn
from functions.accounts.model.views import Link, Signed
from functions.accounts.service.accounts import Accounts, NewAccount, new_id
from functions.accounts.service.authentication.sessions import Sessions, Visitor
from functions.accounts.service.authentication.throttle import Throttle
from functions.accounts.service.ports import Database, Hasher, Transaction
from functions.accounts.service.stored import read_account, read_password, stamp_of
from functions.kit.contract.access.accounts import Account
from functions.kit.contract.access.api_key import digest
from functions.kit.contract.errors import NotFound
from functions.kit.contract.ports import Clock

LINK_LASTS = dt.timedelta(hours=1)
REFUSED = "There is no account of this e-mail and password, or it is shut out."
USED = "This link has been used, or its time is over; ask for another."


class SignIn:
    """Begins sessions."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        sessions: Sessions,
        throttle: Throttle,
        hasher: Hasher,
        clock: Clock,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._sessions = sessions
        self._throttle = throttle
        self._hasher = hasher
        self._clock = clock

    def by_password(self, email: str, password: str, visitor: Visitor) -> Signed:
        """Sign in whoever knows the password of an e-mail's account.

        Until it is known to be right, the same is done whether or not there is such an account.

        Raises:
            NotSignedIn: it is not the password, or there is no such account, or it is disabled.
            Slowed: there were too many attempts.
        """
        self._throttle.attempt(email, visitor.address)
        account, stored = self._accounts.of_email(email)
        right = self._hasher.verify(stored.hash if stored else None, password)
        if not right or stored is None or account is None or account.disabled:
            raise NotSignedIn(REFUSED)
        signed = self._begin(account.id, stored, self._hashed_anew(stored, password), visitor)
        self._throttle.succeed(email, visitor.address)
        self._sessions.tidy(account.id)
        return signed

    def new_link(self, account_id: str) -> Link:
        """Make what signs an account in one time, until its password changes; raises NotFound."""
        account, token = self._accounts.load(account_id), documents.new_once()
        ends_at = self._clock.now() + LINK_LASTS

        def work(transaction: Transaction) -> Link:
            stamp = stamp_of(read_password(transaction, account.id))
            once = Once(kind="link", account=account.id, stamp=stamp, ends_at=ends_at)
            transaction.set(f"{TOKENS}/{digest(token)}", documents.document_of(once))
            return Link(token, ends_at)

        return self._database.transact(work)

    def by_link(self, token: str, visitor: Visitor) -> Signed:
        """Sign in whoever has the token of a link, and end that; raises NotSignedIn."""

        def work(transaction: Transaction) -> Signed:
            once = read_once(transaction, token, self._clock.now(), ("link", "sign-up"))
            account = self._whose(transaction, once)
            transaction.delete(f"{TOKENS}/{digest(token)}")
            return self._sessions.begin(transaction, account, visitor)

        signed = self._database.transact(work)
        self._throttle.know(signed.account.email, visitor.address)
        self._sessions.tidy(signed.account.id)
        return signed

    def out(self, credential: str) -> None:
        """End the session that asks."""
        self._sessions.end_own(credential)

    def _whose(self, transaction: Transaction, once: Once) -> Account:
        if once.kind == "sign-up":
            wish = NewAccount(new_id(), once.email, once.name, hashed=once.hash)
            return self._accounts.make(transaction, wish)
        return read_owner(transaction, once)

    def _hashed_anew(self, stored: Password, password: str) -> str:
        return self._hasher.hash(password) if self._hasher.is_outdated(stored.hash) else ""

    def _begin(self, account_id: str, seen: Password, anew: str, visitor: Visitor) -> Signed:
        def work(transaction: Transaction) -> Signed:
            account = read_enabled(transaction, account_id)
            stored = read_password(transaction, account_id)
            if stored is None or stored.stamp != seen.stamp:
                raise NotSignedIn(REFUSED)  # it was changed while we looked
            if anew:
                fresh = documents.document_of(stored) | {"hash": anew}
                transaction.set(f"{PASSWORDS}/{account_id}", fresh)
            return self._sessions.begin(transaction, account, visitor)

        return self._database.transact(work)


def read_once(
    transaction: Transaction, token: str, now: dt.datetime, kinds: tuple[str, ...]
) -> Once:
    """Return what a token that is good once is for; raises NotSignedIn."""
    found = transaction.get(f"{TOKENS}/{digest(token)}")
    once = documents.read(Once, found) if found else None
    if once is None or once.ends_at <= now or once.kind not in kinds:
        raise NotSignedIn(USED)
    return once


def read_owner(transaction: Transaction, once: Once) -> Account:
    """Return whose a token is; raises NotSignedIn, also where the password is another by now."""
    account = read_enabled(transaction, once.account)
    if stamp_of(read_password(transaction, account.id)) != once.stamp:
        raise NotSignedIn(USED)
    return account


def read_enabled(transaction: Transaction, account_id: str) -> Account:
    """Return an account that is not shut out; raises NotSignedIn."""
    try:
        account = read_account(transaction, account_id)
    except NotFound as error:
        raise NotSignedIn(REFUSED) from error
    if account.disabled:
        raise NotSignedIn(REFUSED)
    return account
