"""Accounts as documents: found, changed, made; the owner's among them."""

import datetime as dt
import re
import secrets
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from functions.accounts.model.documents import EMAILS, Password, Workspace
from functions.accounts.model.emails import check_email, email_key
from functions.accounts.service.ports import Database, Transaction
from functions.accounts.service.stored import (
    put_password,
    put_workspace,
    read_account,
    read_password,
    read_workspace,
)
from functions.kit.contract.access import accounts
from functions.kit.contract.access.accounts import ACCOUNTS, FREEMIUM, Account
from functions.kit.contract.access.identity import OWNER, Role
from functions.kit.contract.access.workspaces import MAIN
from functions.kit.contract.errors import Conflict
from functions.kit.contract.ports import Clock

LONGEST_SLUG = 24
NOBODY = "nobody"
"""An id that no account has: who looks for what is not there reads as much as who finds it."""


class Taken(Conflict):
    """Another account has this e-mail; not for everybody's eyes."""


class NewAccount(NamedTuple):
    """What an account is made of.

    Attributes:
        hashed: its password; empty for none yet.
        joins: the workspace that it becomes a member of, and as what; None for one of its own.
    """

    id: str
    email: str
    name: str
    plan: str = FREEMIUM
    hashed: str = ""
    joins: tuple[str, Role] | None = None


class Accounts:
    """Finds, changes and makes accounts.

    Args:
        database: keeps them.
        clock: tells when something happens.
        owner_email: of the account that a system begins with, until it is made.
    """

    def __init__(self, database: Database, clock: Clock, owner_email: str) -> None:
        self._database = database
        self._clock = clock
        self._owner_email = owner_email
        self._has_owner = False

    def load(self, account_id: str) -> Account:
        """Return an account; raises NotFound. The owner's is made now if it is not there yet."""
        if account_id == OWNER:
            self.ensure_owner()
        return read_account(self._database, account_id)

    def of_email(self, email: str) -> tuple[Account | None, Password | None]:
        """Return whose an address is, and its password; three documents are read anyway."""
        taken = self._database.get(f"{EMAILS}/{email_key(email)}")
        account_id = taken["account"] if taken else NOBODY
        account = self._database.get(f"{ACCOUNTS}/{account_id}")
        password = read_password(self._database, account_id)
        return (accounts.read_account(account) if account else None), password

    def change(self, account_id: str, change: Callable[[Account], Account]) -> Account:
        """Change an account, alone among all who do so; raises NotFound, and what `change` does."""
        if account_id == OWNER:
            self.ensure_owner()

        def work(transaction: Transaction) -> Account:
            changed = change(read_account(transaction, account_id))
            return self.put(transaction, changed)

        return self._database.transact(work)

    def put(self, transaction: Transaction, account: Account) -> Account:
        """Write an account that was changed."""
        account = msgspec.structs.replace(account, updated_at=self._clock.now())
        transaction.set(f"{ACCOUNTS}/{account.id}", accounts.document_of(account))
        return account

    def make(self, transaction: Transaction, wish: NewAccount) -> Account:
        """Make an account in a transaction that has read what it needs, and written nothing.

        Raises:
            Invalid: the address is none.
            Taken: the address is another account's.
            NotFound: there is no workspace to join.
        """
        check_email(wish.email)
        if transaction.get(f"{EMAILS}/{email_key(wish.email)}") is not None:
            raise Taken(f"There is an account of {wish.email} already.")
        now = self._clock.now()
        joins = wish.joins
        workspace = (
            read_workspace(transaction, joins[0]) if joins else new_workspace(wish.name, now)
        )
        role: Role = joins[1] if joins else "owner"
        account = _fresh(wish, workspace.id, role, now)
        _write(transaction, account, wish.hashed, workspace)
        return account

    def ensure_owner(self) -> None:
        """Make the account and the workspace that a system begins with, if they are not there."""
        if self._has_owner:
            return

        def work(transaction: Transaction) -> None:
            if transaction.get(f"{ACCOUNTS}/{OWNER}") is not None:
                return
            now = self._clock.now()
            main = Workspace(id=MAIN, name=MAIN, members={}, created_at=now)
            _write(transaction, accounts.owner(self._owner_email, now), "", main)

        self._database.transact(work)
        self._has_owner = True


def new_id() -> str:
    """Return an account's id, which nothing had or will have again."""
    return secrets.token_hex(16)


def new_workspace(name: str, now: dt.datetime, tail: str = "") -> Workspace:
    """Return a workspace without members, with an id that reads like its name."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())[:LONGEST_SLUG].strip("-") or "w"
    return Workspace(
        id=f"{slug}-{tail or secrets.token_hex(6)}", name=name, members={}, created_at=now
    )


def joined(account: Account, workspace: str, role: Role) -> Account:
    """Return the account with a role in a workspace; its first one is its home."""
    roles = account.roles | {workspace: role}
    return msgspec.structs.replace(account, roles=roles, home=account.home or workspace)


def _fresh(wish: NewAccount, workspace: str, role: Role, now: dt.datetime) -> Account:
    return Account(
        id=wish.id,
        email=wish.email,
        name=wish.name,
        roles={workspace: role},
        home=workspace,
        plan=wish.plan,
        created_at=now,
        updated_at=now,
    )


def _write(transaction: Transaction, account: Account, hashed: str, workspace: Workspace) -> None:
    members = workspace.members | {account.id: account.roles[workspace.id]}
    put_workspace(transaction, msgspec.structs.replace(workspace, members=members))
    transaction.set(f"{ACCOUNTS}/{account.id}", accounts.document_of(account))
    transaction.set(f"{EMAILS}/{email_key(account.email)}", {"account": account.id})
    if hashed:
        put_password(transaction, account.id, hashed, 1, account.created_at)
