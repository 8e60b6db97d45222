"""Who makes an account for themselves: anybody, whoever is invited, or nobody."""

import datetime as dt
from typing import NamedTuple

from functions.accounts.model import documents, letters
from functions.accounts.model.documents import INVITATIONS, TOKENS, Invitation, Once
from functions.accounts.model.emails import check_email, email_key
from functions.accounts.model.names import clean_name
from functions.accounts.model.passwords import check_password
from functions.accounts.model.refusals import Forbidden
from functions.accounts.model.views import Signed
from functions.accounts.service.accounts import Accounts, NewAccount, Taken, new_id
from functions.accounts.service.authentication.sessions import Sessions, Visitor
from functions.accounts.service.authentication.throttle import LETTERS, Throttle
from functions.accounts.service.membership.invitations import read_invitation
from functions.accounts.service.ports import Database, Hasher, Transaction
from functions.accounts.service.post import Post
from functions.accounts.service.settings import SettingsService
from functions.kit.contract.access.api_key import digest
from functions.kit.contract.errors import Conflict
from functions.kit.contract.ports import Clock

CONFIRM_LASTS = dt.timedelta(hours=1)
BY_INVITATION = "Who has no invitation cannot sign up here; ask an owner of a workspace for one."
CLOSED = "Nobody can sign up here; ask whoever runs the system for an account."
HAS_ONE = "There is an account of this e-mail; sign in, then accept the invitation."
TAKEN = "There is an account of this e-mail; sign in, or ask for a new password."


class Wish(NamedTuple):
    """What somebody signs up with; `invitation` is a token, or empty."""

    email: str
    name: str
    password: str
    invitation: str = ""


class SignUp:
    """Makes accounts for who asks for one."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        sessions: Sessions,
        settings: SettingsService,
        throttle: Throttle,
        hasher: Hasher,
        post: Post,
        clock: Clock,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._sessions = sessions
        self._settings = settings
        self._throttle = throttle
        self._hasher = hasher
        self._post = post
        self._clock = clock

    def sign_up(self, wish: Wish, visitor: Visitor) -> Signed | None:
        """Make an account, or write to its address how to: None then, whether there is one or not.

        Raises:
            Forbidden: it is not open to whoever asks, or the invitation is not good.
            Invalid: address, name or password are refused.
            Conflict: there is an account of this address, and who asks may know.
            Slowed: there were too many attempts.
        """
        self._check_open(wish)
        self._throttle.visit(visitor.address)
        check_email(wish.email)
        wish = wish._replace(name=clean_name(wish.name))
        check_password(wish.password, wish.email)
        self._accounts.ensure_owner()
        if wish.invitation:
            signed = self._by_invitation(wish, visitor)
        elif self._post.confirms:
            self._ask_to_confirm(wish)
            return None
        else:
            signed = self._at_once(wish, visitor)
        self._throttle.know(wish.email, visitor.address)
        return signed

    def _check_open(self, wish: Wish) -> None:
        mode = self._settings.read().sign_up
        if mode == "off":
            raise Forbidden(CLOSED)
        if mode == "invitation" and not wish.invitation:
            raise Forbidden(BY_INVITATION)

    def _by_invitation(self, wish: Wish, visitor: Visitor) -> Signed:
        self._database.transact(lambda found: self._invitation(found, wish))
        hashed = self._hasher.hash(wish.password)

        def work(transaction: Transaction) -> Signed:
            invitation = self._invitation(transaction, wish)
            joins = (invitation.workspace, invitation.role)
            account = self._accounts.make(
                transaction,
                NewAccount(new_id(), wish.email, wish.name, hashed=hashed, joins=joins),
            )
            transaction.delete(f"{INVITATIONS}/{digest(wish.invitation)}")
            return self._sessions.begin(transaction, account, visitor)

        try:
            return self._database.transact(work)
        except Taken as error:
            raise Conflict(HAS_ONE) from error

    def _at_once(self, wish: Wish, visitor: Visitor) -> Signed:
        hashed = self._hasher.hash(wish.password)

        def work(transaction: Transaction) -> Signed:
            made = NewAccount(new_id(), wish.email, wish.name, hashed=hashed)
            account = self._accounts.make(transaction, made)
            return self._sessions.begin(transaction, account, visitor)

        try:
            return self._database.transact(work)
        except Taken as error:
            raise Conflict(TAKEN) from error

    def _ask_to_confirm(self, wish: Wish) -> None:
        hashed = self._hasher.hash(wish.password)
        self._post.after(lambda: self._write_confirmation(wish, hashed))

    def _write_confirmation(self, wish: Wish, hashed: str) -> None:
        if not self._throttle.take(LETTERS, f"letters to {wish.email.lower()}"):
            return
        account, _ = self._accounts.of_email(wish.email)
        if account is not None:
            self._post.send(account.email, letters.already(self._post.web_url))
            return
        token, ends_at = documents.new_once(), self._clock.now() + CONFIRM_LASTS
        once = Once(kind="sign-up", email=wish.email, name=wish.name, hash=hashed, ends_at=ends_at)
        path = f"{TOKENS}/{digest(token)}"
        self._database.transact(lambda made: made.set(path, documents.document_of(once)))
        self._post.send(wish.email, letters.confirm(self._post.web_url, token))

    def _invitation(self, transaction: Transaction, wish: Wish) -> Invitation:
        invitation = read_invitation(transaction, wish.invitation, self._clock.now())
        if email_key(invitation.email) != email_key(wish.email):
            raise Forbidden("This invitation is for another e-mail address.")
        return invitation
