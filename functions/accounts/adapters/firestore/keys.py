"""API keys in Firestore: `api_keys/{digest}`; `revoked_keys/{digest}`, lest one comes back."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from functions.accounts.model.documents import REVOKED_KEYS
from functions.accounts.service.key_ports import Ending
from functions.kit.adapters.access import firestore_identities
from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import exceptions
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access import accounts
from functions.kit.contract.access.accounts import ACCOUNTS, OLD_ROLE, Account, ApiKey
from functions.kit.contract.access.api_key import API_KEYS
from functions.kit.contract.access.workspaces import MAIN
from functions.kit.contract.errors import Gone, not_found


class FirestoreKeys:
    """The KeyStore, and the KeyUses, whose keys are documents.

    Args:
        first_key: the digest of the system's first key; a document of it would say nothing, for
            that key counts without.
    """

    def __init__(self, first_key: str = "") -> None:
        self._first_key = first_key

    @translated()
    def account(self, account_id: str) -> Account | None:
        """See KeyStore."""
        return firestore_identities.account(account_id, **PATIENCE)

    @translated()
    def all_of(self, workspace: str) -> list[ApiKey]:
        """See KeyStore."""
        found = list(_where("workspace", workspace).stream(**PATIENCE))
        found += self._old() if workspace == MAIN else ()
        return [_read(one) for one in found]

    @translated()
    def find(self, workspace: str, key_id: str) -> ApiKey:
        """See KeyStore."""
        found = self._named(key_id)
        key = None if found is None else _read(found)
        if key is None or key.workspace != workspace:
            raise not_found("key", key_id)
        return key

    def create(self, digest: str, key: ApiKey, ending: Ending | None = None) -> ApiKey:
        """See KeyStore."""

        def work(transaction: Any) -> ApiKey:
            known, revoked, account = self._kept(digest, key.account, transaction)
            if revoked.exists:
                raise Gone("The key that this request made was revoked; choose a new one.")
            if known.exists:
                return _read(known)
            if account.exists and key.workspace not in account.get("roles"):
                raise not_found("workspace", key.workspace)  # it was removed meanwhile
            old = None if ending is None else self._must_have(ending.key.id, transaction)
            if old is not None and ending is not None:
                transaction.update(old.reference, {"ends_at": ending.at})
            transaction.create(known.reference, accounts.document_of(key))
            return key

        return firestore.transact(work)

    def revoke(self, key: ApiKey) -> None:
        """See KeyStore."""

        def work(transaction: Any) -> None:
            found = self._must_have(key.id, transaction)
            transaction.delete(found.reference)
            at = {"revoked_at": google_firestore.SERVER_TIMESTAMP}
            transaction.set(_revoked(found.id), at)

        firestore.transact(work)

    @translated()
    def note_used(self, uses: Mapping[str, dt.datetime], every: dt.timedelta) -> None:
        """See KeyUses."""
        for key_id, at in uses.items():
            found = self._named(key_id)
            if found is None:
                continue
            before = _read(found).last_used_at
            if before is None or at - before >= every:
                _note(found.reference, at)

    def _kept(self, digest: str, account: str, transaction: Any) -> tuple[Any, Any, Any]:
        """Return the documents of a key, of its revocation, and of its account."""
        holder = firestore.client().collection(ACCOUNTS).document(account)
        asked = _keys().document(digest), _revoked(digest), holder
        found = firestore.client().get_all(asked, transaction=transaction, **PATIENCE)
        by_path = {one.reference.path: one for one in found}
        known, revoked, kept = (by_path[one.path] for one in asked)
        return known, revoked, kept

    def _must_have(self, key_id: str, transaction: Any) -> Any:
        found = self._named(key_id, transaction)
        if found is None:
            raise not_found("key", key_id)
        return found

    def _named(self, key_id: str, transaction: Any = None) -> Any:
        """Return the document of the key of that id; None where there is none."""
        query = _where("id", key_id).limit(1)
        for found in query.stream(transaction=transaction, **PATIENCE):
            return found
        old = self._old(transaction)
        return next((one for one in old if _read(one).id == key_id), None)

    def _old(self, transaction: Any = None) -> Iterable[Any]:
        """Yield the documents of keys of earlier releases."""
        for found in _where("role", OLD_ROLE).stream(transaction=transaction, **PATIENCE):
            if found.id != self._first_key:
                yield found


def _keys() -> Any:
    return firestore.client().collection(API_KEYS)


def _revoked(digest: str) -> Any:
    return firestore.client().collection(REVOKED_KEYS).document(digest)


def _where(field: str, value: str) -> Any:
    return _keys().where(filter=google_firestore.FieldFilter(field, "==", value))


def _read(found: Any) -> ApiKey:
    document = firestore.plain(found.to_dict())
    if accounts.is_of_an_earlier_release(document):
        return accounts.old_key(document, found.id)
    return accounts.read_key(document)


def _note(reference: Any, at: dt.datetime) -> None:
    try:
        reference.update({"last_used_at": at}, **PATIENCE)
    except exceptions.NotFound:  # revoked meanwhile: it must not come back
        return
