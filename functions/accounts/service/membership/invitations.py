"""Invitations to a workspace: made, listed, withdrawn, accepted."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets

import msgspec

from functions.accounts.model import documents, letters
from functions.accounts.model.documents import INVITATIONS, ONCE_PREFIX, Invitation
from functions.accounts.model.emails import check_email, email_key
from functions.accounts.model.refusals import Forbidden
from functions.accounts.model.throttling import Rate
from functions.accounts.service.accounts import Accounts, joined
from functions.accounts.service.authentication.throttle import LETTERS, Throttle
from functions.accounts.service.ports import Database, Transaction
from functions.accounts.service.post import Post
from functions.accounts.service.requests import Request, made_by, note
from functions.accounts.service.stored import put_workspace, read_account, read_workspace
from functions.kit.contract.access.accounts import Account
from functions.kit.contract.access.api_key import digest
from functions.kit.contract.access.identity import Role
from functions.kit.contract.errors import Conflict, Gone, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.pages import Page, PageQuery, page_of

LASTS = dt.timedelta(days=7)
INVITED = Rate(50, 60.0)
"""Of one workspace, which anybody may have where sign-up is open."""
MOST = 200
"""Invitations of a workspace that wait."""
UNKNOWN = "This invitation is not known, was used, or its time is over; ask for another."


class InvitationView(msgspec.Struct, kw_only=True):
    """An invitation in a list."""

    id: str
    email: str
    role: Role
    created_at: dt.datetime
    ends_at: dt.datetime


class NewInvitation(InvitationView, kw_only=True):
    """An invitation that was made; `token` is shown here, and in the mail."""

    token: str


class Joined(msgspec.Struct):
    """What somebody became."""

    workspace: str
    role: Role


class Invitations:
    """Lets people into workspaces.

    Args:
        secret: makes the token of a request that is repeated the same one.
    """

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        throttle: Throttle,
        post: Post,
        clock: Clock,
        secret: str,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._throttle = throttle
        self._post = post
        self._clock = clock
        self._secret = secret

    def page(self, workspace: str, query: PageQuery) -> Page[InvitationView]:
        """Return those that wait, by id."""
        now, after = self._clock.now(), query.after or ""
        views = [
            _view(one)
            for one in _of(self._database, workspace).values()
            if one.ends_at > now and one.id > after
        ]
        return page_of(sorted(views, key=lambda one: one.id), query.limit, lambda one: one.id)

    def make(
        self, workspace: str, email: str, role: Role, request: Request | None
    ) -> NewInvitation:
        """Invite whoever reads the mail of an address; a repeated request gives the same.

        Raises:
            Invalid: the address is none.
            Conflict: too many wait, or the request's key was used for another.
            Gone: what the repeated request made was used or withdrawn.
            Slowed: the workspace invited very many.
        """
        check_email(email)
        self._throttle.check(INVITED, f"invitations of {workspace}")
        self._accounts.ensure_owner()
        token, now = self._token(request), self._clock.now()
        path = f"{INVITATIONS}/{digest(token)}"

        def work(transaction: Transaction) -> tuple[Invitation, str]:
            if made_by(transaction, request) is not None:
                return self._again(transaction, path), ""
            name = read_workspace(transaction, workspace).name
            if len(_of(transaction, workspace)) >= MOST:
                raise Conflict(f"{MOST} invitations wait already; withdraw some.")
            made = Invitation(
                id=secrets.token_hex(8),
                workspace=workspace,
                email=email,
                role=role,
                created_at=now,
                ends_at=now + LASTS,
            )
            transaction.set(path, documents.document_of(made))
            note(transaction, request, made.id)
            return made, name

        made, name = self._database.transact(work)
        if name and self._throttle.take(LETTERS, f"letters to {email.lower()}"):
            self._post.send(email, letters.invitation(self._post.web_url, token, name, role))
        return NewInvitation(**msgspec.structs.asdict(_view(made)), token=token)

    def withdraw(self, workspace: str, invitation_id: str) -> None:
        """End an invitation of a workspace; raises NotFound."""

        def work(transaction: Transaction) -> None:
            found = _of(transaction, workspace)
            names = [name for name, one in found.items() if one.id == invitation_id]
            if not names:
                raise not_found("invitation", invitation_id[:80])
            transaction.delete(f"{INVITATIONS}/{names[0]}")

        self._database.transact(work)

    def accept(self, account_id: str, token: str) -> Joined:
        """Make an account a member of the workspace that it is invited to.

        Raises:
            Forbidden: the invitation is not good, or is another's.
            Conflict: it is a member already.
        """
        self._accounts.load(account_id)

        def work(transaction: Transaction) -> Joined:
            invitation = read_invitation(transaction, token, self._clock.now())
            account = read_account(transaction, account_id)
            _check_invited(account, invitation)
            workspace = read_workspace(transaction, invitation.workspace)
            members = workspace.members | {account.id: invitation.role}
            put_workspace(transaction, msgspec.structs.replace(workspace, members=members))
            self._accounts.put(transaction, joined(account, workspace.id, invitation.role))
            transaction.delete(f"{INVITATIONS}/{digest(token)}")
            return Joined(workspace.id, invitation.role)

        return self._database.transact(work)

    def _again(self, transaction: Transaction, path: str) -> Invitation:
        found = transaction.get(path)
        if found is None:
            raise Gone("The invitation that this request made was used, or withdrawn.")
        return documents.read(Invitation, found)

    def _token(self, request: Request | None) -> str:
        if request is None:
            return documents.new_once()
        text = f"invitation\n{request.id}".encode()
        derived = hmac.digest(self._secret.encode(), text, hashlib.sha256)
        return ONCE_PREFIX + base64.urlsafe_b64encode(derived).decode().rstrip("=")


def read_invitation(transaction: Transaction, token: str, now: dt.datetime) -> Invitation:
    """Return what a token invites to; raises Forbidden."""
    found = transaction.get(f"{INVITATIONS}/{digest(token)}")
    invitation = documents.read(Invitation, found) if found else None
    if invitation is None or invitation.ends_at <= now:
        raise Forbidden(UNKNOWN)
    return invitation


def _check_invited(account: Account, invitation: Invitation) -> None:
    if email_key(account.email) != email_key(invitation.email):
        raise Forbidden("This invitation is for another e-mail address.")
    if invitation.workspace in account.roles:
        raise Conflict("You are a member of this workspace already.")


def _of(reader: Database | Transaction, workspace: str) -> dict[str, Invitation]:
    found = reader.find(INVITATIONS, "workspace", workspace)
    return {name: documents.read(Invitation, document) for name, document in found.items()}


def _view(invitation: Invitation) -> InvitationView:
    return msgspec.convert(invitation, InvitationView, from_attributes=True)
