"""What one replica may use of an account's quota, and when it asks for more.

By `contract/access/quotas`.
Decisions alone: no threads, no waiting. Whoever drives it calls it under one lock, sends what it
asks, and lets callers wait; so a test can drive it through every interleaving.
"""

from collections.abc import Callable, Iterator

from functions.kit.contract.access.over_quota import Standing
from functions.kit.contract.access.quotas import LEASE, PART, Answer, Ask
from functions.kit.contract.errors import Away

# Seconds.
SLACK = 0.005
"""How long before a lease's end it is not used any more: two machines' seconds differ a little."""
IDLE = 0.2
"""After so long without use, what is unused goes back."""
EARLY = 0.15
"""How long before a lease's end what is unused goes back, however busy we are."""
PAUSE = 0.1
"""Between two asks that gave nothing: others may give back meanwhile."""
PATIENCE = 1.5
"""The longest that a caller waits: a lease, and its way back."""
AWAY = 1.0
"""For how long nobody is asked after nobody answered."""
AWAY_DETAIL = "What is left of your plan's quota cannot be known now; try again."

NEVER = float("-inf")


class Exhausted(Exception):  # noqa: N818 - an answer
    """The quota has not so many rows left in this window."""


class Share:
    """One account's share in one replica.

    Args:
        name: what ledgers know it by; no other ever had it.
        limit: the quota, in rows.
        length: seconds of a window.
        send: sends an ask; its answer comes back by `settle`, or `fail` says that none does.

    Attributes:
        window: of the ledger's, that `used` counts in.
        used: rows used in it, with those that are being predicted.
        ceiling: rows that may be used in it.
        running: calls whose rows may still be given back.
        used_at: when rows were last used.
        asking: whether an ask is on its way.
    """

    def __init__(self, name: str, limit: int, length: int, send: Callable[[Ask], None]) -> None:
        self.limit = limit
        self.window = 0
        self.used = 0
        self.ceiling = 0
        self.running = 0
        self.asking = False
        self.name = name
        self._length = length
        self._send = send
        self._free = 0  # that nobody was given, when last we heard
        self._deadline = NEVER  # of the lease
        self._resets_at = NEVER  # of the window
        self._others_hold = False  # whether others may have given back since
        self._settled = False  # whether nobody will
        self._heard_of = NEVER  # when the ask was sent that was last answered
        self._sent_at = NEVER
        self._not_before = NEVER  # the next ask
        self._away_until = NEVER
        self.used_at = NEVER
        self._is_open = False  # whether the ledger still expects something back
        self._ahead = 1
        self._waiting: list[int] = []

    def take(self, rows: int, now: float) -> bool:
        """Use rows of what is at hand; tell whether there were enough."""
        if self.used + rows > self.ceiling or now >= self._deadline:
            return False
        self.used += rows
        self.running += 1
        self.used_at = now
        return True

    def taking(self, rows: int, clock: Callable[[], float]) -> Iterator[float]:
        """Use rows, after asking for them; yields how many seconds to wait at most.

        Raises:
            Exhausted: there are not so many left.
            Away: it cannot be known.
        """
        now = arrived = clock()
        self._waiting.append(rows)
        try:
            while not self.take(rows, now):
                self._check(rows, arrived, now)
                if not self.asking and now >= self._not_before:
                    self._ask(now)
                until = arrived + PATIENCE if self.asking else self._not_before
                yield max(until - now, 0.001)
                now = clock()
        finally:
            self._waiting.remove(rows)

    def failed(self, window: int, rows: int) -> None:
        """End a call that used rows in `window`, as if it had not; others just leave `running`."""
        self.running -= 1
        if window == self.window:
            self.used -= rows
            self._is_open = True

    def tend(self, now: float) -> bool:
        """Give back what is due; tell whether there may be more to give back later."""
        if self.asking or not self._is_open or now < self._away_until:
            return self.asking or self._is_open
        unused = self.ceiling - self.used
        if now >= self._resets_at:
            self._is_open = False  # the window is over, and with it what is left of it
        elif now - self.used_at >= IDLE and (unused or not self.running):
            self._send_ask(self.used, now)
        elif now >= self._deadline - EARLY:
            # Who is busy keeps some, unless it is short.
            kept = max(min(unused // 2, (unused + self._free) // PART), 0)
            self._send_ask(self.used + kept, now)
        return self._is_open

    def leave(self, now: float) -> Ask | None:
        """Use no more; return what gives back all that is unused, None where nothing does."""
        if self.asking or not self._is_open or now >= self._resets_at:
            return None
        return self._next_ask(self.used, now)

    def settle(self, answer: Answer, now: float) -> None:
        """Take the answer to the ask that was sent."""
        if answer.window != self.window:
            self.window, self.used = answer.window, 0
        self.asking = False
        self.ceiling = answer.ceiling
        self._is_open = answer.lease_ends > 0
        self._deadline = self._sent_at + answer.lease_ends - SLACK
        self._resets_at = now + answer.window_ends
        self._others_hold = answer.others_end > 0
        self._free = answer.free
        self._settled = answer.settled
        self._heard_of = self._sent_at
        self._not_before = NEVER if self.ceiling > self.used else self._sent_at + PAUSE

    def fail(self, now: float) -> None:
        """Take note that nobody answered: the ask may have been heard or not, which is the same."""
        self.asking = False
        self._is_open = True
        self._away_until = now + AWAY
        if self._resets_at == NEVER:
            self._resets_at = now + self._length

    def allow(self, limit: int) -> None:
        """Let the quota be another."""
        more = limit - self.limit
        self._free = max(self._free + more, self.used - self.ceiling)  # nothing left, at least
        self.limit = limit

    def standing(self, now: float) -> Standing:
        """Return what is known of the quota."""
        seconds = self._resets_at - now
        if seconds <= 0:  # none of a new window's rows were asked for yet
            return Standing(self.limit, self.limit, self._length)
        left = self._free + self.ceiling - self.used
        return Standing(self.limit, left, -int(-seconds // 1))

    def _check(self, rows: int, arrived: float, now: float) -> None:
        """Raise what there is to say already to a caller that wants rows."""
        if now < self._away_until:
            raise Away(AWAY_DETAIL)
        late = now - arrived >= PATIENCE
        known = not self.asking and now < self._resets_at
        if known and rows > self._free + self.ceiling - self.used:
            heard = self._heard_of >= arrived
            in_vain = late or not self._others_hold or rows > self.limit
            if self._settled or (heard and in_vain):
                raise Exhausted
        if late or (self.asking and now - self._sent_at >= PATIENCE):
            raise Away(AWAY_DETAIL)

    def _ask(self, now: float) -> None:
        # Who uses up a lease before it ends gets more the next time.
        self._ahead = min(self._ahead * 2, self.limit) if now < self._deadline else 1
        least, wanted = min(self._waiting), sum(self._waiting)
        self._send_ask(self.used, now, wanted=wanted, least=least, ahead=self._ahead)

    def _send_ask(self, kept: int, now: float, **wishes: int) -> None:
        self._send(self._next_ask(kept, now, **wishes))

    def _next_ask(self, kept: int, now: float, **wishes: int) -> Ask:
        self.asking = True
        self.ceiling = kept  # what goes back is not used any more
        self._sent_at = now
        in_lease = now < self._resets_at and now - self.used_at < LEASE
        return Ask(
            holder=self.name,
            limit=self.limit,
            window=self.window,
            kept=kept,
            open=kept > self.used or (self.running > 0 and in_lease),
            length=self._length,
            **wishes,
        )
