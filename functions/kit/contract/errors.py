"""What can go wrong, in the domain's words; `kit/http/responses/problems.py` has HTTP's statuses.

Each error says in one sentence what is wrong, naming the thing, and for bad input each flaw.
"""

import msgspec

# Seconds after which what met a full store is to be tried again.
FULL_WAIT = 3


class Flaw(msgspec.Struct, omit_defaults=True, frozen=True):
    """One thing wrong with the input: where it is, what was there and why it is refused.

    `row` counts data rows from 1, without the header line.
    """

    reason: str
    row: int | None = None
    column: str | None = None
    value: str | None = None


class DomainError(Exception):
    """The base of all errors that a caller can read.

    Args:
        detail: one sentence that names the thing.
        flaws: each thing wrong with the input.
    """

    def __init__(self, detail: str, *flaws: Flaw) -> None:
        super().__init__(detail)
        self.detail = detail
        self.flaws = list(flaws)


class Unreadable(DomainError):
    """The request itself cannot be read."""


class NotFound(DomainError):
    """There is no such thing."""


class Conflict(DomainError):
    """The request contradicts what is stored."""


class Gone(DomainError):
    """It was there, and is lost."""


class Stale(DomainError):
    """The caller saw an older version."""


class Invalid(DomainError):
    """It can be read, but the content is refused."""


class TooLarge(DomainError):
    """There is more of it than is taken."""


class Transient(DomainError):
    """No fault of the caller's, and another try may do; `retry_after` in seconds, if known."""

    def __init__(self, detail: str, *flaws: Flaw, retry_after: int | None = None) -> None:
        super().__init__(detail, *flaws)
        self.retry_after = retry_after


class Failed(Transient):
    """A part of ours failed at what it should be able to do."""


class Away(Transient):
    """A part that is needed does not answer now."""

    def __init__(self, detail: str, *flaws: Flaw, retry_after: int = 1) -> None:
        super().__init__(detail, *flaws, retry_after=retry_after)


class NoRoom(Transient):
    """A store is full; nothing of the request is kept."""


def not_found(kind: str, name: str, of: str | None = None) -> NotFound:
    """Say that there is no `kind` called `name`, or that `of` has none of that name."""
    owner = "" if of is None else f" of '{of}'"
    return NotFound(f"There is no {kind} '{name}'{owner}.")


def too_large(limit: int) -> TooLarge:
    """Say that the body is over `limit` bytes."""
    return TooLarge(f"The body is larger than the limit of {limit:,} bytes.")


def no_room(what: str, retry_after: int = FULL_WAIT) -> NoRoom:
    """Say that a store is full, and what to do; `retry_after` in seconds."""
    remedy = "Nothing was kept; free some space and send it again."
    return NoRoom(f"{what} {remedy}", retry_after=retry_after)


def refused(what: str, *flaws: Flaw, noun: str = "column", untold: int = 0) -> Invalid:
    """Refuse with a detail that repeats the first flaw: many clients show the detail alone.

    Args:
        what: what was refused, as the sentence begins.
        flaws: one at least.
        noun: what a flaw's `column` is.
        untold: how many flaws there are beside them.
    """
    beyond = f", {untold:,} beside them" if untold else ""
    more = f" ({len(flaws) - 1} more in errors{beyond})" if len(flaws) > 1 else ""
    return Invalid(f"{what}: {told(flaws[0], noun)}{more}.", *flaws)


def told(flaw: Flaw, noun: str = "column") -> str:
    """Return a flaw as text: its place, as far as it is known, and the reason."""
    row = f"row {flaw.row:,}" if flaw.row else ""
    column = f"{noun} '{flaw.column}'" if flaw.column else ""
    place = ", ".join(part for part in (row, column) if part)
    return f"{place}: {flaw.reason}" if place else flaw.reason
