"""Whose a credential is: remembered for less than a second, and for minutes while nobody can say.

So a withdrawn key or an ended session is refused everywhere within a second, and a replica that has
its model loaded keeps serving the callers that it knows while Firestore is away.
"""

import hmac
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from cachetools import TTLCache

from functions.kit.contract.access.api_key import (
    API_KEYS,
    SESSION_PREFIX,
    SESSIONS,
    digest,
    is_well_formed,
)
from functions.kit.contract.access.identity import KEPT_FOR, IdentitiesAway, Identity, of_first_key
from functions.kit.service.revalidating_cache import RevalidatingCache

# Seconds.
REVALIDATE_AFTER = 0.4
MAX_AGE = 0.9
MOST_UNKNOWN = 1_000

Find = Callable[[str, str], Identity | None]
"""Collection and digest → whose the credential is, or None; raises IdentitiesAway."""


class _Unknown(Exception):  # noqa: N818 - an answer
    """Nobody's."""


class Identities:
    """Recognises credentials by their digest.

    Args:
        find: knows what is stored.
        first_key: the digest of a key that counts before anything is stored; empty for none.
        clock: seconds that never go back.
        kept_for: seconds for which what was known goes on counting while nobody can say.
    """

    def __init__(
        self,
        find: Find,
        first_key: str = "",
        clock: Callable[[], float] = time.monotonic,
        kept_for: float = KEPT_FOR,
    ) -> None:
        self._find = find
        self._first_key = first_key
        self._known: RevalidatingCache[str, Identity] = RevalidatingCache(
            self._load,
            away=(IdentitiesAway,),
            background=ThreadPoolExecutor(max_workers=1, thread_name_prefix="identities"),
            clock=clock,
            revalidate_after=REVALIDATE_AFTER,
            max_age=MAX_AGE,
            kept_for=kept_for,
        )
        # Apart from those that are known: no flood of guesses shall make us forget them.
        self._unknown: TTLCache[str, bool] = TTLCache(MOST_UNKNOWN, MAX_AGE, timer=clock)
        self._lock = threading.Lock()

    def of(self, credential: str) -> Identity | None:
        """Return whose `credential` is, or None; raises IdentitiesAway when it cannot be known.

        From its digest on, which nobody can choose, how long that takes tells of no credential.
        """
        name = digest(credential)
        if self._first_key and hmac.compare_digest(name, self._first_key):
            return of_first_key(credential[-4:])
        place = f"{SESSIONS if credential.startswith(SESSION_PREFIX) else API_KEYS}/{name}"
        if place not in self._known and not is_well_formed(credential):
            return None
        try:
            return self._known.get(place)
        except _Unknown:
            return None

    def _load(self, place: str) -> Identity:
        with self._lock:
            if place in self._unknown:
                raise _Unknown
        found = self._find(*place.split("/"))
        if found is None:
            with self._lock:
                self._unknown[place] = True
            raise _Unknown
        return found
