"""What may come of a call in place of its answer: one class for each kind of failure.

Pages decide by these classes. Which number each has on the wire is said once on either side: in
`web.client.transport.failures`, where an answer becomes one, and in `web.http.statuses`, where it
becomes a page.
"""

from collections.abc import Sequence

import msgspec


class Flaw(msgspec.Struct, omit_defaults=True, frozen=True):
    """One thing wrong with the input; `row` counts data rows from 1."""

    reason: str
    row: int | None = None
    column: str | None = None
    value: str | None = None


class Failure(Exception):  # noqa: N818 - each kind is named for what happened
    """A call that failed, or one that was not made because of what a form holds.

    Attributes:
        detail: what is wrong and what to do about it, for the reader.
        flaws: each thing wrong with the input.
    """

    def __init__(self, detail: str, flaws: Sequence[Flaw] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.flaws = list(flaws)

    def about(self, column: str) -> str | None:
        """Return what is wrong with `column`, if anything is."""
        return next((flaw.reason for flaw in self.flaws if flaw.column == column), None)


class Refused(Failure):
    """What was sent is not accepted; sent otherwise, it may be."""


class Malformed(Refused):
    """It cannot be read: a cursor, a filter, a body."""


class Invalid(Refused):
    """It reads well, and its content is refused; `flaws` say where."""


class NotFound(Failure):
    """There is no such thing, or the function is not deployed."""


class Conflict(Failure):
    """It contradicts what is stored."""


class Gone(Failure):
    """It was there once; its file is not, or is another."""


class Stale(Failure):
    """It was changed since the caller saw it."""


class TooLarge(Failure):
    """The body is over the function's limit."""


class Unsupported(Failure):
    """The body is of a type that the function does not take."""


class StorageFull(Failure):
    """A store has no room left; nothing was kept."""


class Broken(Failure):
    """The function met a mistake of its own."""


class Away(Failure):
    """No answer was to be had; the same call may succeed later."""


class Unavailable(Away):
    """The function, or the gateway, is not there."""


class TimedOut(Away):
    """No answer came in time."""


class Unreadable(Away):
    """What came is no answer that the API describes."""


class Forbidden(Failure):
    """The reader's role does not allow it."""


class TooMany(Failure):
    """It was asked for too often; later it may be had."""


class Unexpected(Failure):
    """A status that says nothing to these pages, and so is passed on as it is.

    Attributes:
        status: of the answer, 400 to 599.
    """

    def __init__(self, status: int, detail: str, flaws: Sequence[Flaw] = ()) -> None:
        super().__init__(detail, flaws)
        self.status = status


class SignedOut(Exception):  # noqa: N818 - a state, not a mistake
    """Nobody is signed in, or the session has ended; for a sign-in: what was shown is wrong.

    It is no Failure: whatever a page can do without, it cannot do without its reader.

    Attributes:
        detail: what the function said.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
