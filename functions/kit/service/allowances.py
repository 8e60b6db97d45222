"""What callers may have predicted: their plans' bounds, held to over all replicas.

`Quotas.of(caller)` gives what holds for one account in this replica. Its share of the quota
(`service/share`) is at hand most of the time, so a prediction asks nobody.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from functions.kit.contract.access.over_quota import CONCURRENCY, PER_MINUTE, OverQuota, Standing
from functions.kit.contract.access.plans import Plan
from functions.kit.contract.access.quotas import Answer, Ask
from functions.kit.contract.errors import Invalid, TooLarge
from functions.kit.service.share import PATIENCE, Exhausted, Share

T = TypeVar("T")


class Allowance:
    """What one account may have predicted in this replica.

    Args:
        plan: the account's.
        new_share: quota → a share of it.
        monotonic: seconds that never go back.
        keep: has this looked after, by `tend`.

    Attributes:
        fresh_until: when to see whether the plan is another by now.
    """

    def __init__(
        self,
        plan: Plan,
        new_share: Callable[["Allowance", int], Share],
        monotonic: Callable[[], float],
        keep: Callable[["Allowance"], None],
    ) -> None:
        self.plan = plan
        self.fresh_until = 0.0
        self._new_share = new_share
        self._clock = monotonic
        self._keep = keep
        self._lock = threading.Lock()
        self._answered = threading.Condition(self._lock)
        self._running = 0
        self._is_kept = False
        self._share: Share | None = None
        self.follow(plan)

    def follow(self, plan: Plan) -> None:
        """Let the account's plan be this one."""
        limit = plan.predictions_per_minute
        with self._lock:
            self.plan = plan
            if limit is None:
                self._share = None
            elif self._share is None:
                self._share = self._new_share(self, limit)
            else:
                self._share.allow(limit)

    @property
    def most_rows(self) -> int | None:
        """See Bounded."""
        bounds = (self.plan.rows, self.plan.predictions_per_minute)
        return min((bound for bound in bounds if bound is not None), default=None)

    def read(self, read: Callable[[int], T], most: int) -> T:
        """See Bounded."""
        limit = self.plan.bytes
        if limit is None or limit >= most:
            return read(most)
        try:
            return read(limit)
        except TooLarge as error:
            remedy = f"The plan '{self.plan.name}' allows no more; send fewer rows at once."
            raise TooLarge(f"{error.detail} {remedy}") from error

    def rows(self, most: int) -> int:
        """See Bounded."""
        return min(most, self.plan.rows or most)

    def counted(
        self, rows: int, predict: Callable[[], T], each: int = 1
    ) -> tuple[T, Standing | None]:
        """See Bounded."""
        most = self.plan.rows
        if most is not None and rows > most:
            raise Invalid(f"{rows:,} rows: the plan '{self.plan.name}' allows {most:,} a request.")
        count = rows * each
        share, window, standing = self._begin(count)
        try:
            found = predict()
        except BaseException:
            self._fail(share, window, count)
            raise
        with self._lock:
            self._running -= 1
            if share is not None:
                share.running -= 1
        return found, standing

    def tend(self) -> bool:
        """Give back what is due; tell whether to come again."""
        with self._lock:
            self._is_kept = self._share is not None and self._share.tend(self._clock())
            return self._is_kept

    def leave(self) -> tuple[Share, Ask] | None:
        """Return whose share is to be given back and by what, once nothing is on its way."""
        with self._lock:
            share = self._share
            if share is None:
                return None
            self._answered.wait_for(lambda: not share.asking, PATIENCE)
            ask = share.leave(self._clock())
            return None if ask is None else (share, ask)

    def take_answer(self, share: Share, answer: Answer | None) -> None:
        """Pass on what a ledger answered to what `share` asked; None when none did."""
        with self._lock:
            if answer is None:
                share.fail(self._clock())
            else:
                share.settle(answer, self._clock())
            self._answered.notify_all()

    def _begin(self, rows: int) -> tuple[Share | None, int, Standing | None]:
        """Take rows; return whose they are, the window that they count in, and what is left."""
        with self._lock:
            share, window, standing = self._share, 0, None
            if share is not None:
                if not share.take(rows, self._clock()):
                    self._wait(share, rows)
                window, standing = share.window, share.standing(share.used_at)
                if not self._is_kept:
                    self._have_kept()
            most = self.plan.concurrency
            if most is not None and self._running >= most:
                if share is not None:
                    share.failed(window, rows)
                raise self._too_many(most)
            self._running += 1
            return share, window, standing

    def _fail(self, share: Share | None, window: int, rows: int) -> None:
        with self._lock:
            self._running -= 1
            if share is not None:
                share.failed(window, rows)
                self._have_kept()

    def _wait(self, share: Share, rows: int) -> None:
        try:
            for seconds in share.taking(rows, self._clock):
                self._have_kept()
                self._answered.wait(seconds)
        except Exhausted:
            raise self._exhausted(share, rows) from None

    def _have_kept(self) -> None:
        if not self._is_kept:
            self._is_kept = True
            self._keep(self)

    def _too_many(self, most: int) -> OverQuota:
        detail = (
            f"The plan '{self.plan.name}' allows {most:,} predictions at the same time; "
            "wait for one to end."
        )
        return OverQuota(detail, policies=[CONCURRENCY], retry_after=1)

    def _exhausted(self, share: Share, rows: int) -> OverQuota:
        standing = share.standing(self._clock())
        wait = standing.resets_in
        remedy = "send fewer rows at once" if rows > share.limit else f"wait {wait} s"
        detail = (
            f"The plan '{self.plan.name}' allows {share.limit:,} predictions a minute, of a row "
            f"each: {rows:,} wanted, {standing.remaining:,} left; {remedy}."
        )
        return OverQuota(detail, policies=[PER_MINUTE], retry_after=wait, standing=standing)
