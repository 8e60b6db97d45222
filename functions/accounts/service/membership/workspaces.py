"""Workspaces: made, listed, renamed."""

import msgspec

from functions.accounts.model.names import clean_name
from functions.accounts.model.refusals import Forbidden
from functions.accounts.service.accounts import Accounts, joined, new_workspace
from functions.accounts.service.ports import Database, Transaction
from functions.accounts.service.requests import Request, made_by, note
from functions.accounts.service.stored import put_workspace, read_account, read_workspace
from functions.kit.contract.access.accounts import Account
from functions.kit.contract.access.identity import Role
from functions.kit.contract.errors import Conflict, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.pages import Page, PageQuery, page_of

MOST = 50
"""Workspaces that an account belongs to."""


class WorkspaceView(msgspec.Struct, kw_only=True):
    """A workspace, as a member sees it; `home` is meant where a call names none."""

    id: str
    name: str
    role: Role
    home: bool


class Workspaces:
    """What an account can do with workspaces."""

    def __init__(self, database: Database, accounts: Accounts, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._clock = clock

    def page(self, account_id: str, query: PageQuery) -> Page[WorkspaceView]:
        """Return those that an account belongs to, by id."""
        account, after = self._accounts.load(account_id), query.after or ""
        ids = sorted(one for one in account.roles if one > after)[: query.limit + 1]
        views = [_view(read_workspace(self._database, one).name, one, account) for one in ids]
        return page_of(views, query.limit, lambda one: one.id)

    def make(self, account_id: str, name: str, request: Request | None) -> WorkspaceView:
        """Make a workspace that the account owns; a repeated request gives the same.

        Raises:
            Invalid: the name is refused.
            Conflict: the account has too many, or the request's key was used for another.
        """
        name = clean_name(name)
        self._accounts.load(account_id)

        def work(transaction: Transaction) -> WorkspaceView:
            account = read_account(transaction, account_id)
            if (made := made_by(transaction, request)) is not None:
                return _view(read_workspace(transaction, made).name, made, account)
            if len(account.roles) >= MOST:
                raise Conflict(f"An account belongs to {MOST} workspaces at most.")
            fresh = new_workspace(name, self._clock.now())
            members: dict[str, Role] = {account.id: "owner"}
            put_workspace(transaction, msgspec.structs.replace(fresh, members=members))
            account = self._accounts.put(transaction, joined(account, fresh.id, "owner"))
            note(transaction, request, fresh.id)
            return _view(name, fresh.id, account)

        return self._database.transact(work)

    def rename(self, account_id: str, workspace: str, name: str) -> WorkspaceView:
        """Give a workspace another name.

        Raises:
            NotFound: there is none of this id that the account belongs to.
            Forbidden: the account does not own it.
            Invalid: the name is refused.
        """
        name = clean_name(name)
        self._accounts.load(account_id)

        def work(transaction: Transaction) -> WorkspaceView:
            account = read_account(transaction, account_id)
            if workspace not in account.roles:
                raise not_found("workspace", workspace[:80])
            if account.roles[workspace] != "owner":
                raise Forbidden("Only an owner of the workspace can rename it.")
            found = read_workspace(transaction, workspace)
            put_workspace(transaction, msgspec.structs.replace(found, name=name))
            return _view(name, workspace, account)

        return self._database.transact(work)


def _view(name: str, workspace: str, account: Account) -> WorkspaceView:
    role = account.roles.get(workspace)
    if role is None:  # it was made, and the account has left it
        raise not_found("workspace", workspace)
    return WorkspaceView(id=workspace, name=name, role=role, home=account.home == workspace)
