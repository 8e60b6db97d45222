"""Where calls, outcomes and events lie: subjects, which never say what callers wrote."""

import hashlib

CALL_SUBJECT = "mayfly.async.call"
DEAD_SUBJECT = "mayfly.async.dead"
OUTCOME_SUBJECT = "mayfly.async.outcome"
EVENT_SUBJECT = "mayfly.event"
_NOBODY = "nobody"  # the owner of calls without a credential


def call_subject(key: tuple[str, str], call_id: str) -> str:
    """Of a call: its function's namespace and name (or ``*``), and its id."""
    return f"{CALL_SUBJECT}.{key[0]}.{key[1]}.{_token(call_id)}"


def outcome_subject(call_id: str, owner: str | None) -> str:
    """Of an outcome: each owner's own, so that a stranger who knows the id overwrites nothing.

    Args:
        call_id: The call's id.
        owner: Whose it is; empty: nobody's; None: anybody's.
    """
    return f"{OUTCOME_SUBJECT}.{_token(call_id)}.{'*' if owner is None else owner or _NOBODY}"


def _token(call_id: str) -> str:
    """A call id as a part of a subject, whatever its sender put into it."""
    return hashlib.sha256(call_id.encode()).hexdigest()[:32]
