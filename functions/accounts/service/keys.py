"""What callers do with API keys."""

import msgspec

from functions.accounts.model import keys
from functions.accounts.model.keys import KeyRequest, NewKey
from functions.accounts.service.key_ports import Ending, KeyStore
from functions.kit.contract.access import api_key
from functions.kit.contract.access.accounts import ApiKey
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.errors import Conflict, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.idempotency import check_key, other_request
from functions.kit.contract.requests.lists import Listed, ListQuery
from functions.kit.contract.requests.pages import Page, page_of

MOST = 1_000
"""Keys of a workspace."""


def _listed_by(key: ApiKey) -> str:
    """Return what keys are listed by: when they were made, and their ids."""
    return f"{round(key.created_at.timestamp() * 1e6):017d}.{key.id}"


LISTED: Listed[ApiKey] = Listed(
    key=_listed_by,
    texts=lambda one: (one.name, one.last_four, *one.scopes, one.only.name if one.only else ""),
    orders={
        "name": lambda one: one.name.casefold(),
        "created_at": lambda one: one.created_at,
        "last_used_at": lambda one: one.last_used_at,
        "ends_at": lambda one: one.ends_at,
    },
)


class Keys:
    """Makes, shows, rotates and revokes keys.

    Args:
        store: the keys.
        clock: tells when something happens.
        secret: makes the keys of repeated requests; not kept with them.
    """

    def __init__(self, store: KeyStore, clock: Clock, secret: str) -> None:
        self._store = store
        self._clock = clock
        self._secret = secret

    def make(self, caller: Caller, request: KeyRequest, repeat: str | None = None) -> NewKey:
        """Make a key in the caller's workspace; with the same `repeat`, the same key again.

        Args:
            caller: who asks; whose key it is where the request names nobody.
            request: what it is for.
            repeat: the Idempotency-Key; None without.

        Raises:
            Invalid: its account could do nothing with it.
            Conflict: `repeat` was for another request, or the workspace has too many keys.
            Gone: the key of `repeat` was revoked.
        """
        request = msgspec.structs.replace(request, account=request.account or caller.account)
        account = self._store.account(request.account or "")
        keys.check(request, account, caller.workspace)
        self._check_room(caller.workspace)
        text = self._text(caller, repeat)
        return self._create(keys.asked_for(text, request, caller.workspace, self._clock.now()))

    def page(self, caller: Caller, query: ListQuery, *, whole: bool) -> Page[ApiKey]:
        """Return a page of the caller's keys in the workspace, or of all there; newest first.

        Raises:
            Unreadable: the cursor or the order is not ours.
        """
        shown = [
            key
            for key in self._store.all_of(caller.workspace)
            if whole or key.account == caller.account
        ]
        shown.sort(key=_listed_by, reverse=True)
        if not query.plain:
            return LISTED.page(shown, query)
        behind = [key for key in shown if query.after is None or _listed_by(key) < query.after]
        return page_of(behind, query.limit, _listed_by)

    def key(self, caller: Caller, key_id: str) -> ApiKey:
        """Return one of the caller's keys; of anybody's there for who manages; raises NotFound."""
        found = self._store.find(caller.workspace, key_id)
        if found.account != caller.account and not caller.may("manage"):
            raise not_found("key", key_id)
        return found

    def rotate(
        self, caller: Caller, key_id: str, overlap: int, repeat: str | None = None
    ) -> NewKey:
        """Make a key in the place of another, which counts for `overlap` seconds more.

        Whoever has the new one is its account: so it is for the account itself, and for who runs
        the system.

        Raises:
            NotFound: there is no such key, or it is another's.
            Conflict: it is of an earlier release, or `repeat` was for another request.
            Gone: the key of `repeat` was revoked.
        """
        old = self.key(caller, key_id)
        if old.account != caller.account and not caller.may("operate"):
            raise not_found("key", key_id)
        if keys.is_of_an_earlier_release(old):
            raise Conflict(
                f"Key '{old.name}' is of an earlier release, which gave keys every right; make one "
                "with the scopes that it needs, then revoke this one."
            )
        new = keys.in_place_of(old, self._text(caller, repeat), self._clock.now())
        return self._create(new, Ending(old, keys.end_of(old, overlap, new.kept.created_at)))

    def revoke(self, caller: Caller, key_id: str) -> None:
        """Let a key not count any more, anywhere within a second; raises NotFound."""
        self._store.revoke(self.key(caller, key_id))

    def _text(self, caller: Caller, repeat: str | None) -> str:
        if repeat is None:
            return api_key.new_key()
        check_key(repeat)
        return keys.text_of(self._secret, caller.workspace, caller.account, repeat)

    def _check_room(self, workspace: str) -> None:
        if len(self._store.all_of(workspace)) >= MOST:
            raise Conflict(f"The workspace has {MOST:,} keys already; revoke those of no use.")

    def _create(self, new: NewKey, ending: Ending | None = None) -> NewKey:
        kept = self._store.create(api_key.digest(new.text), new.kept, ending)
        if not keys.is_same(kept, new.kept):
            raise other_request()
        return NewKey(kept, new.text)
