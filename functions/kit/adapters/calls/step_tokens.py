"""Step tokens: how one function may call another, or itself later, without a stored API key.

A token is `<end>.<caller>.<workspace>.<hex HMAC-SHA256>`; what is signed is the caller's name, the
workspace that it acts in (empty for the system's own steps), the end (Unix seconds), and the call's
method, function and path. It opens that one call, and tells whom it opened it for. It is
short-lived, since it goes where it may be read: through queues, and through
workers that log the Authorization header.
"""

import hashlib
import hmac
import time
from typing import NamedTuple

from functions.kit.contract.access.workspaces import is_workspace
from functions.kit.lazy import pattern

SCHEME = "Step"
CALL_LIFE = 5 * 60
"""Seconds for which a call's token is good: longer than the call may take."""
HINT_LIFE = 15 * 60
"""Seconds for which a token in a queue is good; nothing may be signed for longer."""
CLOCK_DIFFERENCE = 30
"""Seconds by which the clocks of two machines may differ."""
_LAST_END = 12  # digits of Unix seconds
_PARTS = 4
_PURPOSE = "mayfly step token 3"  # other things signed with the same secret are not tokens
_NAME = pattern(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class Call(NamedTuple):
    """The one call that a token opens; `path` is the function's own, decoded, without a query."""

    method: str
    function: str
    path: str


class Signer(NamedTuple):
    """Who makes a call: a function, by its name, and the workspace in which it acts."""

    name: str
    workspace: str


def authorization(
    secret: str,
    caller: str,
    call: Call,
    *,
    workspace: str = "",
    life: float = CALL_LIFE,
    now: float | None = None,
) -> str:
    """Return the `Authorization` header's value for one call.

    Args:
        secret: what all functions of one system share.
        caller: the name of the function that calls.
        call: what the token opens.
        workspace: whose things the call is about; empty for the system's own.
        life: seconds, at most HINT_LIFE.
        now: Unix seconds.

    Raises:
        ValueError: `caller` is no function's name, `workspace` is none, or `life` is too long.
    """
    if workspace and not is_workspace(workspace):
        raise ValueError(f"{workspace!r} is no workspace.")
    if not _NAME.fullmatch(caller):
        raise ValueError(f"{caller!r} is no name of a function: a-z, 0-9 and - make one.")
    if not 0 < life <= HINT_LIFE:
        raise ValueError(f"A token for {life} s: give seconds from 1 to {HINT_LIFE}.")
    end = int((time.time() if now is None else now) + life)
    signer = Signer(caller, workspace)
    return f"{SCHEME} {end}.{caller}.{workspace}.{_digest(secret, signer, call, end)}"


def signer_of(token: str, secret: str, call: Call, *, now: float | None = None) -> Signer | None:
    """Return who makes `call` with `token` (without its scheme); None when it does not open it."""
    parts = token.split(".")
    if not token.isascii() or len(parts) != _PARTS:
        return None
    text, caller, workspace, digest = parts
    if not text.isdecimal() or len(text) > _LAST_END:
        return None
    signer, end = Signer(caller, workspace), int(text)
    left = end - (time.time() if now is None else now)
    if not -CLOCK_DIFFERENCE <= left <= HINT_LIFE + CLOCK_DIFFERENCE:
        return None
    right = hmac.compare_digest(digest, _digest(secret, signer, call, end))
    return signer if right and _NAME.fullmatch(caller) else None


def _digest(secret: str, signer: Signer, call: Call, end: int) -> str:
    # A path may hold line breaks (as %0A): it comes last, so that only one reading is possible.
    text = "\n".join((_PURPOSE, *signer, str(end), *call))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
