"""What goes with somebody who is removed from a workspace: keys for it, and ways back in."""

import datetime as dt

from functions.accounts.model.documents import INVITATIONS, REVOKED_KEYS
from functions.accounts.model.emails import email_key
from functions.accounts.service.ports import Transaction
from functions.kit.contract.access.accounts import OLD_ROLE, Account
from functions.kit.contract.access.api_key import API_KEYS
from functions.kit.contract.access.identity import OWNER
from functions.kit.contract.access.workspaces import MAIN


def keys_of(transaction: Transaction, account_id: str, workspace: str) -> list[str]:
    """Return the digests of an account's keys for a workspace."""
    own = transaction.find(API_KEYS, "account", account_id)
    digests = [name for name, key in own.items() if key["workspace"] == workspace]
    if (account_id, workspace) == (OWNER, MAIN):  # whose those of earlier releases are
        digests += transaction.find(API_KEYS, "role", OLD_ROLE)
    return digests


def invitations_to(transaction: Transaction, account: Account, workspace: str) -> list[str]:
    """Return the paths of the invitations to a workspace that an account could accept."""
    waiting = transaction.find(INVITATIONS, "workspace", workspace)
    return [
        f"{INVITATIONS}/{name}"
        for name, invitation in waiting.items()
        if email_key(invitation["email"]) == email_key(account.email)
    ]


def revoke(transaction: Transaction, digests: list[str], now: dt.datetime) -> None:
    """Let keys count no more; a request that is repeated does not bring them back."""
    for name in digests:
        transaction.delete(f"{API_KEYS}/{name}")
        transaction.set(f"{REVOKED_KEYS}/{name}", {"revoked_at": now})
