"""What callers may have predicted: their plans' bounds, held to over all replicas.

`Quotas.of(caller)` gives what holds for one account in this replica. Its share of the quota
(`service/share`) is at hand most of the time, so a prediction asks nobody.
"""

import math
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from functions.kit.contract.errors import Invalid, TooLarge
from functions.kit.contract.plans import Plan
from functions.kit.contract.quotas import CONCURRENCY, PER_MINUTE, Answer, OverQuota, Standing
from functions.kit.service.share import Exhausted, Share

T = TypeVar("T")
# Whose rows they are, and the window that they count in.
Taken = tuple[Share, int]


class Bounded(Protocol):
    """What an account may have predicted."""

    def read(self, read: Callable[[int], T], most: int) -> T:
        """Return what `read` reads, which is told the most bytes; raises TooLarge."""

    def counted(self, rows: int, predict: Callable[[], T]) -> tuple[T, Standing | None]:
        """Return what `predict` gives for so many rows, and where the account stands then.

        Raises:
            Invalid: the plan allows fewer rows in a request.
            OverQuota: fewer now.
            Away: it cannot be known whether the quota allows it.
        """


class Unbounded:
    """What an account without bounds may have predicted: anything, and nobody counts."""

    def read(self, read: Callable[[int], T], most: int) -> T:
        """See Bounded."""
        return read(most)

    def counted(self, rows: int, predict: Callable[[], T]) -> tuple[T, None]:  # noqa: ARG002 - a Bounded
        """See Bounded."""
        return predict(), None


class Allowance:
    """What one account may have predicted in this replica.

    Args:
        plan: the account's.
        new_share: quota → a share of it.
        monotonic: seconds that never go back.
        keep: has this looked after, by `tend`.
    """

    def __init__(
        self,
        plan: Plan,
        new_share: Callable[["Allowance", int], Share],
        monotonic: Callable[[], float],
        keep: Callable[["Allowance"], None],
    ) -> None:
        self.plan = plan
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

    def counted(self, rows: int, predict: Callable[[], T]) -> tuple[T, Standing | None]:
        """See Bounded."""
        most = self.plan.rows
        if most is not None and rows > most:
            raise Invalid(f"{rows:,} rows: the plan '{self.plan.name}' allows {most:,} a request.")
        taken = self._begin(rows)
        failed = True
        try:
            found = predict()
            failed = False
        finally:
            standing = self._end(rows, taken, failed=failed)
        return found, standing

    def tend(self) -> bool:
        """Give back what is due; tell whether to come again."""
        with self._lock:
            self._is_kept = self._share is not None and self._share.tend(self._clock())
            return self._is_kept

    def take_answer(self, share: Share, answer: Answer | None) -> None:
        """Pass on what a ledger answered to what `share` asked; None when none did."""
        with self._lock:
            if answer is None:
                share.fail(self._clock())
            else:
                share.settle(answer, self._clock())
            self._answered.notify_all()

    def _begin(self, rows: int) -> Taken | None:
        with self._lock:
            share = self._share
            if share is None:
                self._enter()
                return None
            if not share.take(rows, self._clock()):
                self._wait(share, rows)
            taken = share, share.window
            try:
                self._enter()
            except OverQuota:
                share.ended(share.window, rows, failed=True)
                raise
            finally:
                self._have_kept()
            return taken

    def _end(self, rows: int, taken: Taken | None, *, failed: bool) -> Standing | None:
        with self._lock:
            self._running -= 1
            if taken is None:
                return None
            share, window = taken
            share.ended(window, rows, failed=failed)
            if failed:
                self._have_kept()
            return self._standing(share)

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

    def _enter(self) -> None:
        most = self.plan.concurrency
        if most is not None and self._running >= most:
            detail = (
                f"The plan '{self.plan.name}' allows {most:,} predictions at the same time; "
                "wait for one to end."
            )
            raise OverQuota(detail, policies=[CONCURRENCY], retry_after=1)
        self._running += 1

    def _standing(self, share: Share) -> Standing:
        seconds = math.ceil(share.resets_in(self._clock()))
        return Standing(share.limit, share.remaining(), seconds)

    def _exhausted(self, share: Share, rows: int) -> OverQuota:
        standing = self._standing(share)
        wait = standing.resets_in
        remedy = "send fewer rows at once" if rows > share.limit else f"wait {wait} s"
        detail = (
            f"The plan '{self.plan.name}' allows {share.limit:,} predictions a minute, of a row "
            f"each: {rows:,} wanted, {standing.remaining:,} left; {remedy}."
        )
        return OverQuota(detail, policies=[PER_MINUTE], retry_after=wait, standing=standing)
