"""Where calls, outcomes and events lie: subjects, which never say what callers wrote."""

import hashlib

CALL_SUBJECT = "mayfly.async.call"
DEAD_SUBJECT = "mayfly.async.dead"
OUTCOME_SUBJECT = "mayfly.async.outcome"
EVENT_SUBJECT = "mayfly.event"
_NOBODY = "nobody"  # the owner of calls without a credential


def call_subject(key: tuple[str, str], call_id: str, owner: str | None) -> str:
    """Return a call's subject: each owner's own, so that any number of namesakes hides none.

    Args:
        key: Its function's namespace and name; ``*``: any.
        call_id: The call's id.
        owner: Whose it is; empty: nobody's; None: anybody's.
    """
    return f"{CALL_SUBJECT}.{key[0]}.{key[1]}.{_token(call_id)}.{_owner_token(owner)}"


def calls_of(key: tuple[str, str]) -> str:
    """Return the subject of all of a function's calls; earlier versions' name no owner."""
    return f"{CALL_SUBJECT}.{key[0]}.{key[1]}.>"


def function_in(subject: str) -> tuple[str, str]:
    """Return namespace and name of the function whose call a subject is."""
    namespace, name = subject.removeprefix(f"{CALL_SUBJECT}.").split(".")[:2]
    return namespace, name


def outcome_subject(call_id: str, owner: str | None) -> str:
    """Return an outcome's subject: each owner's own, so that a stranger overwrites nothing.

    Args:
        call_id: The call's id.
        owner: Whose it is; empty: nobody's; None: anybody's.
    """
    return f"{OUTCOME_SUBJECT}.{_token(call_id)}.{_owner_token(owner)}"


def _owner_token(owner: str | None) -> str:
    return "*" if owner is None else owner or _NOBODY


def _token(call_id: str) -> str:
    """Return a call id as a part of a subject, whatever its sender put into it."""
    return hashlib.sha256(call_id.encode()).hexdigest()[:32]
