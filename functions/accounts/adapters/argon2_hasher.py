"""Passwords hashed by Argon2id (RFC 9106)."""

import secrets
import threading
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from functions.kit.adapters.once import Once
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import argon2
else:
    argon2 = Lazy("argon2")

AT_ONCE = 2
"""How many are hashed at one time: each takes its memory, and a flood must not take all of it."""


class Cost(NamedTuple):
    """How much work a hash is; memory in KiB. The usual one is OWASP's second choice."""

    passes: int = 2
    memory: int = 19_456
    lanes: int = 1


class Argon2Hasher:
    """The Hasher that functions use."""

    def __init__(self, cost: Cost | None = None) -> None:
        self._cost = cost or Cost()
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._hasher = Once(self._make)
        # What is verified where there is no password: nobody knows what it is the hash of.
        self._nobodys = Once(lambda: self.hash(secrets.token_urlsafe(32)))

    def hash(self, password: str) -> str:
        """See Hasher."""
        hasher = self._hasher()
        with self._turn:
            return hasher.hash(_normal(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """See Hasher."""
        # Made for whoever comes first, or that one's time would tell that there is no account.
        nobodys, hasher = self._nobodys(), self._hasher()
        against = nobodys if stored is None else stored
        with self._turn:
            try:
                hasher.verify(against, _normal(password))
            except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
                return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """See Hasher."""
        return self._hasher().check_needs_rehash(stored)

    def _make(self) -> "argon2.PasswordHasher":
        passes, memory, lanes = self._cost
        return argon2.PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)


def _normal(password: str) -> str:
    """Return the one spelling of a text: keyboards differ in how they make an accent."""
    return unicodedata.normalize("NFKC", password)
