"""What an account may have predicted, where nothing bounds it: no more is imported for that."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from functions.kit.contract.access.identity import UNLIMITED, Caller
from functions.kit.contract.access.over_quota import Standing

T = TypeVar("T")


class Bounded(Protocol):
    """What an account may have predicted."""

    @property
    def most_rows(self) -> int | None:
        """Return the most rows that may be predicted at a time; None for any number."""

    def read(self, read: Callable[[int], T], most: int) -> T:
        """Return what `read` reads, which is told the most bytes; raises TooLarge."""

    def rows(self, most: int) -> int:
        """Return how many rows a request may have, `most` at most."""

    def counted(
        self, rows: int, predict: Callable[[], T], each: int = 1
    ) -> tuple[T, Standing | None]:
        """Return what `predict` gives for so many rows, and where the account stands then.

        Args:
            rows: how many are predicted.
            predict: what does it.
            each: how many predictions a row is counted as.

        Raises:
            Invalid: the plan allows fewer rows in a request.
            OverQuota: fewer now.
            Away: it cannot be known whether the quota allows it.
        """


class Unbounded:
    """What an account without bounds may have predicted: anything, and nobody counts."""

    most_rows = None

    def read(self, read: Callable[[int], T], most: int) -> T:
        """See Bounded."""
        return read(most)

    def rows(self, most: int) -> int:
        """See Bounded."""
        return most

    def counted(
        self,
        rows: int,  # noqa: ARG002 - a Bounded
        predict: Callable[[], T],
        each: int = 1,  # noqa: ARG002 - a Bounded
    ) -> tuple[T, None]:
        """See Bounded."""
        return predict(), None


UNBOUNDED = Unbounded()


class Quotas(Protocol):
    """The allowances of all accounts in this replica."""

    def of(self, caller: Caller) -> Bounded:
        """Return what `caller`'s account may have predicted; raises Away."""


def is_bounded(caller: Caller) -> bool:
    """Tell whether a plan may bound a caller: functions of our own have no account."""
    return caller.plan != UNLIMITED and bool(caller.account)
