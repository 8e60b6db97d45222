"""When API keys were last used, in their documents."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from functions.kit.adapters.client_errors import translated
from functions.kit.adapters.firestore import PATIENCE, client, plain
from functions.kit.adapters.google_clients import exceptions, firestore
from functions.kit.contract.accounts import API_KEYS

_FIELD = "last_used_at"


class FirestoreKeyUses:
    """KeyUses in `api_keys`. Keys of earlier releases have no id, and are left as they are."""

    @translated()
    def used(self, uses: Mapping[str, dt.datetime], every: dt.timedelta) -> None:
        """See KeyUses."""
        for key, at in uses.items():
            found = client().collection(API_KEYS).where(filter=_is(key)).limit(1)
            for document in found.stream(**PATIENCE):
                last = plain(document.to_dict()).get(_FIELD)
                if last is None or at >= last + every:
                    _write(document.reference, at)


def _is(key: str) -> Any:
    return firestore.FieldFilter("id", "==", key)


def _write(reference: Any, at: dt.datetime) -> None:
    try:
        reference.update({_FIELD: at}, **PATIENCE)
    except exceptions.NotFound:
        return  # it was removed meanwhile
