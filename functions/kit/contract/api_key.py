"""Credentials: what they look like, and what is kept of them.

Only the SHA-256 of one is stored: they are 256 random bits, so no salt is needed.
"""

import hashlib
import secrets

PREFIX = "mf_"
SESSION_PREFIX = "mfs_"
# The secrets of a system: the variable that holds one, and the file, OpenFaaS's name of it.
STEP_SECRET = ("MAYFLY_STEP_SECRET", "mayfly-step-secret")
FIRST_KEY = ("MAYFLY_FIRST_KEY", "mayfly-first-key")


def new_key() -> str:
    """Return a fresh key."""
    return PREFIX + secrets.token_urlsafe(32)


def new_session() -> str:
    """Return a fresh session's token."""
    return SESSION_PREFIX + secrets.token_urlsafe(32)


def digest(credential: str) -> str:
    """Return the stored form of a credential: SHA-256 in hex."""
    return hashlib.sha256(credential.encode()).hexdigest()
