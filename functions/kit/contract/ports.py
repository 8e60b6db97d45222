"""What services need of the world, whichever function they are of.

Adapters give it (`kit/adapters`), and each has a double in memory beside it. The same tests run
over both: `tests/integration/functions/ports`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Protocol

from functions.kit.contract.steps import DueStep, Step

if TYPE_CHECKING:  # of those who count quotas alone
    from functions.kit.contract.access.quotas import Answer, Ask


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def now(self) -> dt.datetime:
        """Return the time, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go back; two of them tell how long something took."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Bucket(Protocol):
    """Keeps files by object name (`models/titanic/….onnx`); names are never reused."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes; raises FileNotFoundError."""

    def write(self, path: str, data: bytes, content_type: str) -> None:
        """Store a file whole; it is there when this returns; raises NoRoom."""

    def upload(self, path: str, file: IO[bytes], content_type: str) -> None:
        """Store a file from an open one, read from its start; raises NoRoom."""

    def writer(self, path: str, content_type: str) -> AbstractContextManager[IO[bytes]]:
        """Return an open file that becomes the stored one when its block ends; raises NoRoom.

        When the block raises, nothing is stored.
        """

    def chunks(self, path: str, start: int = 0) -> Iterator[bytes]:
        """Yield a stored file in pieces, from byte `start`; raises FileNotFoundError."""

    def opened(self, path: str) -> AbstractContextManager[IO[bytes]]:
        """Return a stored file, open to be read at any place; raises FileNotFoundError."""

    def download(self, path: str, file: IO[bytes]) -> None:
        """Write a stored file into an open one; raises FileNotFoundError."""

    def listed(self, prefix: str) -> Iterable[tuple[str, dt.datetime]]:
        """Return the files whose names begin so, each with the time when it was written."""

    def delete(self, path: str) -> None:
        """Remove a file; one that is not there is as good as removed."""


class Queue(Protocol):
    """Tells functions to look at steps: perhaps never, twice, late or in another order."""

    def look(self, step: Step) -> None:
        """Have the step's function look at it.

        Raises:
            Away: the queue does not say that it took it.
        """


class StepStore(Protocol):
    """Keeps one function's steps that are due.

    They are written and dropped by its other stores, each in the transaction that changes what the
    step follows from; what is here is all that happens to a step in between.
    """

    def find(self, steps: Sequence[Step]) -> list[DueStep | None]:
        """Return what is kept of each; None for one that is not due."""

    def change(self, step: Step, change: Callable[[DueStep], DueStep | None], /) -> DueStep | None:
        """Apply `change` to a step, alone among all who do so.

        `change` may run several times; None from it changes nothing.

        Returns:
            What it became; None when nothing was changed, or when the step is not due.
        """

    def overdue(self, now: dt.datetime, most: int) -> list[Step]:
        """Return steps that are to be looked at by `now`, those that waited longest first."""

    def next_after(self, now: dt.datetime) -> dt.datetime | None:
        """Return when the first of the steps is to be looked at that are not due yet."""

    def begin_look(self, now: dt.datetime, every: dt.timedelta) -> bool:
        """Tell whether nobody has looked for overdue steps for so long; if so, we do."""


class Ledgers(Protocol):
    """Keep what is given out of each account's quota (`contract/access/quotas`)."""

    def lease(self, account: str, ask: "Ask", /) -> "Answer":
        """Do what a replica asks, alone among all who ask; raises Away or NoRoom."""

    def used(self, account: str, /) -> int:
        """Return the rows given out in this window, used or leased just now; raises Away."""
