"""Idempotency keys: a POST that makes something gives, sent again, what it made the first time.

The caller names each such request (header `Idempotency-Key`). The id of what it makes, or of the
note that says what it made, follows from the name and from who calls: it is made on condition that
it is not there yet, so that a repetition after a lost answer or a crash finds it.
"""

import hashlib

from functions.kit.contract.errors import Conflict, Flaw, Unreadable

HEADER = "Idempotency-Key"
LONGEST = 255  # characters
_LENGTH = 32  # hex digits of an id


def check_key(key: str) -> None:
    """Refuse a key that names nothing, or that is too long; raises Unreadable."""
    if not key.strip():
        raise _unusable("it is empty", key)
    if len(key) > LONGEST:
        raise _unusable(f"it has {len(key):,} characters", key)


def id_of(workspace: str, account: str, key: str) -> str:
    """Return the id of what a request makes, 32 hex digits: another for each workspace and caller.

    Args:
        workspace: in which it is made.
        account: the id of the account that calls; a function's name for a step.
        key: the request's own name.

    Raises:
        Unreadable: when the key is unusable.
    """
    check_key(key)
    # Neither the id of a workspace nor that of an account holds a line break: only one reading.
    return hashlib.sha256(f"{workspace}\n{account}\n{key}".encode()).hexdigest()[:_LENGTH]


def other_request() -> Conflict:
    """Say that the key was for another request."""
    return Conflict(f"This {HEADER} was used for another request; choose a new one.")


def _unusable(why: str, key: str) -> Unreadable:
    flaw = Flaw(f"Expected 1 to {LONGEST} characters", column=HEADER, value=key[:80])
    return Unreadable(f"The {HEADER} is unusable: {why}; send 1 to {LONGEST} characters.", flaw)
