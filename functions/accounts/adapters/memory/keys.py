"""API keys in memory, for tests without Firestore."""

import datetime as dt
import threading
from collections.abc import Mapping

import msgspec

from functions.accounts.service.key_ports import Ending
from functions.kit.contract.access.accounts import Account, ApiKey
from functions.kit.contract.errors import Gone, not_found


class MemoryKeys:
    """A KeyStore of one process.

    Args:
        accounts: those that there are, by id.
    """

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts
        self._keys: dict[str, ApiKey] = {}
        self._revoked: set[str] = set()
        self._lock = threading.Lock()

    def account(self, account_id: str) -> Account | None:
        """See KeyStore."""
        return self._accounts.get(account_id)

    def all_of(self, workspace: str) -> list[ApiKey]:
        """See KeyStore."""
        return [key for key in self._keys.values() if key.workspace == workspace]

    def find(self, workspace: str, key_id: str) -> ApiKey:
        """See KeyStore."""
        key = self._keys[self._digest(key_id)]
        if key.workspace != workspace:
            raise not_found("key", key_id)
        return key

    def create(self, digest: str, key: ApiKey, ending: Ending | None = None) -> ApiKey:
        """See KeyStore."""
        with self._lock:
            if digest in self._revoked:
                raise Gone("The key that this request made was revoked; choose a new one.")
            if digest in self._keys:
                return self._keys[digest]
            account = self._accounts.get(key.account)
            if account is not None and key.workspace not in account.roles:
                raise not_found("workspace", key.workspace)
            if ending is not None:
                self._change(ending.key.id, ends_at=ending.at)
            self._keys[digest] = key
            return key

    def revoke(self, key: ApiKey) -> None:
        """See KeyStore."""
        with self._lock:
            digest = self._digest(key.id)
            self._revoked.add(digest)
            del self._keys[digest]

    def _digest(self, key_id: str) -> str:
        for digest, key in self._keys.items():
            if key.id == key_id:
                return digest
        raise not_found("key", key_id)

    def _change(self, key_id: str, **fields: dt.datetime) -> None:
        digest = self._digest(key_id)
        self._keys[digest] = msgspec.structs.replace(self._keys[digest], **fields)
