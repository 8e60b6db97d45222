"""The people of a workspace: listed, given other roles, removed. One owner stays at least."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from functions.accounts.model.documents import Workspace
from functions.accounts.service.accounts import Accounts
from functions.accounts.service.membership.leaving import invitations_to, keys_of, revoke
from functions.accounts.service.ports import Database, Transaction
from functions.accounts.service.stored import put_workspace, read_account, read_workspace
from functions.kit.contract.access.accounts import Account
from functions.kit.contract.access.identity import Role
from functions.kit.contract.errors import Conflict, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.lists import Listed, ListQuery
from functions.kit.contract.requests.pages import Page, page_of

T = TypeVar("T")
LAST = "A workspace keeps one owner at least; make somebody else an owner first."


class Person(msgspec.Struct, kw_only=True):
    """A member of a workspace."""

    account: str
    name: str
    email: str
    role: Role


LISTED: Listed[Person] = Listed(
    key=lambda one: one.account,
    texts=lambda one: (one.name, one.email, one.role),
    orders={
        "name": lambda one: one.name.casefold(),
        "email": lambda one: one.email,
        "role": lambda one: one.role,
    },
)


class People:
    """What an owner of a workspace can do with its members."""

    def __init__(self, database: Database, accounts: Accounts, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    def page(self, workspace: str, query: ListQuery) -> Page[Person]:
        """Return the members of a workspace, by account; raises Unreadable."""
        self._accounts.ensure_owner()
        members = read_workspace(self._database, workspace).members
        if not query.plain:
            all_ = (
                _person(read_account(self._database, one), members[one]) for one in sorted(members)
            )
            return LISTED.page(all_, query)
        after = query.after or ""
        ids = sorted(one for one in members if one > after)[: query.limit + 1]
        people = [_person(read_account(self._database, one), members[one]) for one in ids]
        return page_of(people, query.limit, lambda person: person.account)

    def change(self, workspace: str, account_id: str, role: Role) -> Person:
        """Give a member another role; raises NotFound, Conflict."""

        def work(transaction: Transaction) -> Person:
            found, account = self._member(transaction, workspace, account_id)
            members = _with_owner(found.members | {account_id: role})
            put_workspace(transaction, msgspec.structs.replace(found, members=members))
            roles = account.roles | {workspace: role}
            self._accounts.put(transaction, msgspec.structs.replace(account, roles=roles))
            return _person(account, role)

        return self._change(work)

    def remove(self, workspace: str, account_id: str) -> None:
        """Let a member be one no more; raises NotFound, Conflict.

        The keys for it go, and invitations that wait: whoever comes back begins without.
        """

        def work(transaction: Transaction) -> None:
            found, account = self._member(transaction, workspace, account_id)
            members = {name: role for name, role in found.members.items() if name != account_id}
            roles = {name: role for name, role in account.roles.items() if name != workspace}
            home = account.home if account.home in roles else min(roles, default="")
            keys = keys_of(transaction, account_id, workspace)
            waiting = invitations_to(transaction, account, workspace)
            put_workspace(transaction, msgspec.structs.replace(found, members=_with_owner(members)))
            self._accounts.put(
                transaction, msgspec.structs.replace(account, roles=roles, home=home)
            )
            revoke(transaction, keys, self._clock.now())
            for path in waiting:
                transaction.delete(path)

        self._change(work)

    def _change(self, work: Callable[[Transaction], T]) -> T:
        self._accounts.ensure_owner()
        return self._database.transact(work)

    def _member(
        self, transaction: Transaction, workspace: str, account_id: str
    ) -> tuple[Workspace, Account]:
        found = read_workspace(transaction, workspace)
        if account_id not in found.members:
            raise not_found("person", account_id[:80])
        return found, read_account(transaction, account_id)


def _with_owner(members: dict[str, Role]) -> dict[str, Role]:
    if "owner" not in members.values():
        raise Conflict(LAST)
    return members


def _person(account: Account, role: Role) -> Person:
    return Person(account=account.id, name=account.name, email=account.email, role=role)
