"""API keys: what they look like, and what is kept of them.

Only the SHA-256 of a key is stored: keys are 256 random bits, so no salt is needed.
"""

import hashlib
import secrets

import msgspec

COLLECTION = "api_keys"
PREFIX = "mf_"
# The secrets of a system: the variable that holds one, and the file, OpenFaaS's name of it.
STEP_SECRET = ("MAYFLY_STEP_SECRET", "mayfly-step-secret")
FIRST_KEY = ("MAYFLY_FIRST_KEY", "mayfly-first-key")


class Caller(msgspec.Struct, frozen=True):
    """Who calls: a key's name and role; or a function of our own, by its name and as a "step"."""

    name: str
    role: str


class KeysAway(Exception):  # noqa: N818 - a state, not a mistake
    """The stored keys cannot be read now."""


def new_key() -> str:
    """Return a fresh key."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """Return the stored form of `key`: SHA-256 in hex."""
    return hashlib.sha256(key.encode()).hexdigest()
