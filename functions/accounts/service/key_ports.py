"""What keys need of their store. `adapters/` gives it, with a double in memory beside it."""

import datetime as dt
from typing import NamedTuple, Protocol

from functions.kit.contract.access.accounts import Account, ApiKey


class Ending(NamedTuple):
    """That a key counts no more from a moment on."""

    key: ApiKey
    at: dt.datetime


class KeyStore(Protocol):
    """Keeps API keys, each by its digest; keys of earlier releases are the owner's, in `main`."""

    def account(self, account_id: str) -> Account | None:
        """Return an account, or None."""

    def all_of(self, workspace: str) -> list[ApiKey]:
        """Return every key of a workspace, expired ones too, in no order."""

    def find(self, workspace: str, key_id: str) -> ApiKey:
        """Return a key of a workspace; raises NotFound."""

    def create(self, digest: str, key: ApiKey, ending: Ending | None = None) -> ApiKey:
        """Add a key, and let the one that it replaces end, both or neither.

        Returns:
            The key of that digest: where there is one already it stays, and nothing changes.

        Raises:
            Gone: there was one, and it was revoked.
            NotFound: the key that shall end is not there, or the account has left the workspace.
        """

    def revoke(self, key: ApiKey) -> None:
        """Remove a key for good; raises NotFound."""
