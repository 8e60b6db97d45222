"""Documents of accounts, passwords and workspaces, read and written."""

import datetime as dt
import re

from functions.accounts.model import documents
from functions.accounts.model.documents import PASSWORDS, Password, Workspace
from functions.accounts.service.ports import Reader, Transaction
from functions.kit.contract.access import accounts
from functions.kit.contract.access.accounts import ACCOUNTS, Account
from functions.kit.contract.access.workspaces import WORKSPACES
from functions.kit.contract.errors import not_found


def read_account(reader: Reader, account_id: str) -> Account:
    """Return an account; raises NotFound."""
    found = reader.get(f"{ACCOUNTS}/{account_id}") if _is_id(account_id) else None
    if found is None:
        raise not_found("account", account_id[:80])
    return accounts.read_account(found)


def read_password(reader: Reader, account_id: str) -> Password | None:
    """Return an account's password; None where it has none."""
    found = reader.get(f"{PASSWORDS}/{account_id}")
    return documents.read(Password, found) if found else None


def stamp_of(password: Password | None) -> int:
    """Return which of an account's passwords it is; 0 where there is none."""
    return password.stamp if password else 0


def read_workspace(reader: Reader, workspace: str) -> Workspace:
    """Return a workspace; raises NotFound."""
    found = reader.get(f"{WORKSPACES}/{workspace}") if _is_id(workspace) else None
    if found is None:
        raise not_found("workspace", workspace[:80])
    return documents.read(Workspace, found)


def put_workspace(transaction: Transaction, workspace: Workspace) -> None:
    """Write a workspace."""
    transaction.set(f"{WORKSPACES}/{workspace.id}", documents.document_of(workspace))


def put_password(
    transaction: Transaction, account_id: str, hashed: str, stamp: int, now: dt.datetime
) -> None:
    """Write a password; `stamp` is one more than that of the password before."""
    password = Password(hash=hashed, stamp=stamp, changed_at=now)
    transaction.set(f"{PASSWORDS}/{account_id}", documents.document_of(password))


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[a-z0-9-]{1,64}", text) is not None
