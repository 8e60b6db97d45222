"""Quotas: an account's predictions in one window, shared out to replicas by leases.

An account has one ledger. In each window a replica has a *ceiling*: the rows that it may have used
by now, counted from the window's beginning. All ceilings together are never more than the quota, so
neither are the rows. A replica that needs more asks for a higher ceiling; one that needs no more
lowers its own to what it used. An ask says what is to be, not what is to change: one that comes
twice, or whose answer is lost, does no harm.

Windows and leases go by the ledger's clock alone. Replicas only measure how long something takes,
so theirs may differ, or be set back.
"""

import msgspec

from functions.kit.contract.access.over_quota import WINDOW

QUOTAS = "quotas"
LEASE = 1.0
"""Seconds for which a replica may use what it was given."""
LOST = 5.0
"""Seconds after a lease's end from which on nobody expects any of it back."""
PART = 4
"""Of what nobody has used, a replica gets one in so many ahead of need; so none of the last."""


class Holder(msgspec.Struct, frozen=True):
    """A replica's part in a window.

    Attributes:
        ceiling: rows that it may use altogether in this window.
        ends: Unix seconds until which it may use what it has left; 0 when nothing is left.
    """

    ceiling: int
    ends: float


class Ledger(msgspec.Struct, frozen=True):
    """What is given out of an account's quota; `window` is its beginning in Unix seconds."""

    window: int = 0
    holders: dict[str, Holder] = {}


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What a replica asks of a ledger.

    Attributes:
        holder: who asks; never two of a name.
        limit: the quota, in rows.
        window: what `kept` is counted in.
        kept: the ceiling that it has in any case: rows used, and those it keeps.
        open: whether it may still use or give back some of those.
        wanted: rows that wait.
        least: the fewest that help; with less it wants none.
        ahead: rows that it wants besides, as far as they are not short.
        length: seconds of a window.
    """

    holder: str
    limit: int
    window: int
    kept: int
    open: bool
    wanted: int = 0
    least: int = 0
    ahead: int = 0
    length: int = WINDOW


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger answers; seconds are from when it was read.

    Attributes:
        window: which one it is now.
        ceiling: the holder's, from now on.
        free: rows that nobody was given.
        lease_ends: seconds until the lease ends.
        window_ends: seconds until the window ends.
        others_end: seconds until the last lease of the others ends; 0 when they have none.
        settled: whether nobody else can give anything back.
    """

    window: int
    ceiling: int
    free: int
    lease_ends: float
    window_ends: float
    others_end: float
    settled: bool


def lease(ledger: Ledger, ask: Ask, now: float) -> tuple[Ledger, Answer]:
    """Return what becomes of a ledger, and what the one who asks is told.

    Args:
        ledger: as it is stored.
        ask: what a replica asks for.
        now: Unix seconds by the ledger's clock.
    """
    window = max(int(now // ask.length) * ask.length, ledger.window)
    now = max(now, window)  # a ledger whose clock was set back stays where it was
    holders = dict(ledger.holders) if ledger.window == window else {}
    holders.pop(ask.holder, None)
    current = ask.window == window
    kept = ask.kept if current else 0
    given = sum(holder.ceiling for holder in holders.values())
    spare = max(ask.limit - given - kept, 0)
    granted = _granted(ask, spare)
    is_open = granted > 0 or (current and ask.open)
    ends = min(now + LEASE, window + ask.length) if is_open else 0.0
    others = [holder.ends for holder in holders.values() if holder.ends]
    answer = Answer(
        window=window,
        ceiling=kept + granted,
        free=spare - granted,
        lease_ends=ends - now if is_open else 0.0,
        window_ends=window + ask.length - now,
        others_end=max(0.0, *(end - now for end in others)) if others else 0.0,
        settled=all(end + LOST < now for end in others),
    )
    return Ledger(window, {**holders, ask.holder: Holder(kept + granted, ends)}), answer


def _granted(ask: Ask, spare: int) -> int:
    if spare < ask.least:
        return 0
    wanted = min(ask.wanted, spare)
    return wanted + min(ask.ahead, (spare - wanted) // PART)


def used(ledger: Ledger, now: float, length: int = WINDOW) -> int:
    """Return the rows given out in the window of `now`: used ones, and those leased just now."""
    if ledger.window + length <= now:
        return 0
    return sum(holder.ceiling for holder in ledger.holders.values())
