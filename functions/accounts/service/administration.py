"""What who runs the system does with all accounts."""

import msgspec

from functions.accounts.model.names import clean_name
from functions.accounts.model.passwords import check_password
from functions.accounts.model.views import AccountView, view
from functions.accounts.service.accounts import Accounts, NewAccount, new_id
from functions.accounts.service.authentication.sessions import all_but
from functions.accounts.service.ports import Database, Hasher, Reader, Transaction
from functions.accounts.service.requests import Request, made_by, note
from functions.accounts.service.stored import read_account
from functions.kit.contract.access import accounts
from functions.kit.contract.access.accounts import ACCOUNTS, FREEMIUM, Account
from functions.kit.contract.access.identity import OWNER, UNLIMITED, Role
from functions.kit.contract.errors import Conflict, Flaw, NotFound, refused
from functions.kit.contract.requests.lists import Listed, ListQuery, every
from functions.kit.contract.requests.names import is_name
from functions.kit.contract.requests.pages import Page, page_of

PLANS = "plans"
ALWAYS = frozenset((FREEMIUM, "premium", UNLIMITED))
"""Plans that are there before anybody has stored one."""


class AccountWish(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An account that an operator makes; without `workspace` it gets one of its own."""

    email: str
    name: str
    plan: str = FREEMIUM
    password: str | None = None
    workspace: str | None = None
    role: Role = "viewer"


class AccountPatch(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What changes of an account; what is left out stays."""

    plan: str | None = None
    disabled: bool | None = None
    name: str | None = None


LISTED: Listed[AccountView] = Listed(
    key=lambda one: one.id,
    texts=lambda one: (one.name, one.email, one.plan),
    orders={
        "name": lambda one: one.name.casefold(),
        "email": lambda one: one.email,
        "plan": lambda one: one.plan,
        "created_at": lambda one: one.created_at,
    },
)


class Administration:
    """Lists, makes and changes accounts."""

    def __init__(self, database: Database, accounts: Accounts, hasher: Hasher) -> None:
        self._database = database
        self._accounts = accounts
        self._hasher = hasher

    def page(self, query: ListQuery) -> Page[AccountView]:
        """Return all accounts, by id; raises Unreadable."""
        self._accounts.ensure_owner()
        if not query.plain:
            return LISTED.page(every(self._read, LISTED.key), query)
        return page_of(self._read(query.limit + 1, query.after), query.limit, LISTED.key)

    def _read(self, limit: int, after: str | None) -> list[AccountView]:
        found = self._database.page(ACCOUNTS, limit, after)
        return [view(accounts.read_account(document)) for document in found.values()]

    def get(self, account_id: str) -> AccountView:
        """Return an account; raises NotFound."""
        return view(self._accounts.load(account_id))

    def make(self, wish: AccountWish, request: Request | None) -> AccountView:
        """Make an account; a repeated request gives the same.

        Raises:
            Invalid: a field is refused.
            Conflict: the address is another account's, or the key was used for another request.
        """
        hashed = ""
        if wish.password is not None:
            check_password(wish.password, wish.email)
            hashed = self._hasher.hash(wish.password)
        joins = (wish.workspace, wish.role) if wish.workspace is not None else None
        made = NewAccount(new_id(), wish.email, clean_name(wish.name), wish.plan, hashed, joins)
        self._accounts.ensure_owner()

        def work(transaction: Transaction) -> Account:
            if (known := made_by(transaction, request)) is not None:
                return read_account(transaction, known)
            _check_plan(transaction, wish.plan)
            account = self._make(transaction, made)
            note(transaction, request, account.id)
            return account

        return view(self._database.transact(work))

    def change(self, account_id: str, patch: AccountPatch) -> AccountView:
        """Change an account; one that is disabled is signed out, and its keys open nothing.

        Raises:
            NotFound: there is none.
            Invalid: a field is refused.
            Conflict: it is the system's owner, who is not to be shut out.
        """
        if patch.disabled and account_id == OWNER:
            raise Conflict("The account that a system begins with cannot be disabled.")
        named = {
            "plan": patch.plan,
            "disabled": patch.disabled,
            "name": None if patch.name is None else clean_name(patch.name),
        }
        changes = {name: value for name, value in named.items() if value is not None}
        self._accounts.load(account_id)

        def work(transaction: Transaction) -> Account:
            account = read_account(transaction, account_id)
            if patch.plan is not None:
                _check_plan(transaction, patch.plan)
            ended = all_but(transaction, account_id) if patch.disabled else []
            for path in ended:
                transaction.delete(path)
            return self._accounts.put(transaction, msgspec.structs.replace(account, **changes))

        return view(self._database.transact(work))

    def _make(self, transaction: Transaction, made: NewAccount) -> Account:
        try:
            return self._accounts.make(transaction, made)
        except NotFound as error:
            raise _refused(error.detail, "workspace") from error


def _check_plan(reader: Reader, plan: str) -> None:
    known = plan in ALWAYS or (is_name(plan) and reader.get(f"{PLANS}/{plan}") is not None)
    if not known:
        raise _refused(f"There is no plan '{plan[:80]}'", "plan")


def _refused(reason: str, column: str) -> Exception:
    flaw = Flaw(reason.removesuffix("."), column=column)
    return refused("The account was refused", flaw, noun="field")
