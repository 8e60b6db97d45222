"""Passwords: changed by who knows the old one, or set anew by who reads the account's mail."""

import datetime as dt

from functions.accounts.model import documents, letters
from functions.accounts.model.documents import TOKENS, Once
from functions.accounts.model.passwords import check_password
from functions.accounts.model.throttling import Rate
from functions.accounts.model.views import Signed
from functions.accounts.service.accounts import Accounts
from functions.accounts.service.authentication.sessions import Sessions, Visitor, all_but
from functions.accounts.service.authentication.sign_in import read_once, read_owner
from functions.accounts.service.authentication.throttle import LETTERS, Throttle
from functions.accounts.service.ports import Database, Hasher, Transaction
from functions.accounts.service.post import Post
from functions.accounts.service.stored import put_password, read_password, stamp_of
from functions.kit.contract.access.accounts import Account
from functions.kit.contract.access.api_key import digest
from functions.kit.contract.errors import Conflict, Flaw, refused
from functions.kit.contract.ports import Clock

RESET_LASTS = dt.timedelta(hours=1)
ASKERS = Rate(20, 60.0)
"""From one address of the network."""


class Passwords:
    """Changes passwords. Whoever signed in with the old one is signed out."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        sessions: Sessions,
        throttle: Throttle,
        hasher: Hasher,
        post: Post,
        clock: Clock,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._sessions = sessions
        self._throttle = throttle
        self._hasher = hasher
        self._post = post
        self._clock = clock

    def change(
        self, account_id: str, current: str | None, password: str, credential: str, visitor: Visitor
    ) -> None:
        """Set another password, and end all sessions but the one that asks.

        Args:
            account_id: whose.
            current: the password until now; not looked at where there is none.
            password: the other one.
            credential: the session that asks.
            visitor: who asks.

        Raises:
            Invalid: the current one is wrong, or the other one is refused.
            Slowed: there were too many attempts.
            Conflict: it was changed meanwhile.
        """
        account = self._accounts.load(account_id)
        check_password(password, account.email)
        seen = self._check_current(account, current, visitor)
        hashed = self._hasher.hash(password)

        def work(transaction: Transaction) -> None:
            if stamp_of(read_password(transaction, account_id)) != seen:
                raise Conflict("The password was changed meanwhile; try again.")
            ended = all_but(transaction, account_id, credential)
            put_password(transaction, account_id, hashed, seen + 1, self._clock.now())
            for path in ended:
                transaction.delete(path)

        self._database.transact(work)

    def forgotten(self, email: str, visitor: Visitor) -> None:
        """Write to an account's address how to set another password.

        Whether there is such an account is looked up after the answer, which is the same anyway.
        """
        if self._throttle.take(ASKERS, f"letters from {visitor.address}"):
            self._post.after(lambda: self._write_reset(email))

    def reset(self, token: str, password: str, visitor: Visitor) -> Signed:
        """Set another password by the token of a letter, end all sessions, and sign in.

        Raises:
            Invalid: the password is refused; the token is good for another.
            NotSignedIn: the token was used, or its time is over.
        """
        self._database.transact(lambda found: self._check_reset(found, token, password))
        hashed = self._hasher.hash(password)

        def work(transaction: Transaction) -> Signed:
            account, stamp = self._check_reset(transaction, token, password)
            ended = all_but(transaction, account.id)
            put_password(transaction, account.id, hashed, stamp + 1, self._clock.now())
            for path in (f"{TOKENS}/{digest(token)}", *ended):
                transaction.delete(path)
            return self._sessions.begin(transaction, account, visitor)

        signed = self._database.transact(work)
        self._throttle.know(signed.account.email, visitor.address)
        return signed

    def _check_current(self, account: Account, current: str | None, visitor: Visitor) -> int:
        """Return the stamp of the password until now; 0 where there is none."""
        stored = read_password(self._database, account.id)
        if stored is None:
            return 0
        self._throttle.attempt(account.email, visitor.address)
        if not self._hasher.verify(stored.hash, current or ""):
            flaw = Flaw("It is not your password", column="current")
            raise refused("The password was refused", flaw, noun="field")
        self._throttle.succeed(account.email, visitor.address)
        return stored.stamp

    def _write_reset(self, email: str) -> None:
        if not self._throttle.take(LETTERS, f"letters to {email.lower()}"):
            return
        self._accounts.ensure_owner()
        account, stored = self._accounts.of_email(email)
        if account is None or account.disabled:
            return
        token, ends_at = documents.new_once(), self._clock.now() + RESET_LASTS
        once = Once(kind="reset", account=account.id, stamp=stamp_of(stored), ends_at=ends_at)
        path = f"{TOKENS}/{digest(token)}"
        self._database.transact(lambda made: made.set(path, documents.document_of(once)))
        self._post.send(account.email, letters.reset(self._post.web_url, token))

    def _check_reset(
        self, transaction: Transaction, token: str, password: str
    ) -> tuple[Account, int]:
        once = read_once(transaction, token, self._clock.now(), ("reset",))
        account = read_owner(transaction, once)
        check_password(password, account.email)
        return account, once.stamp
