"""What the clients of Google's services raise, in the domain's words."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from functions.kit.adapters.stores.full_disk import full
from functions.kit.adapters.stores.google_clients import exceptions
from functions.kit.contract.errors import Away, no_room

log = structlog.get_logger()

PART_AWAY = "A part that this function needs does not answer; try again."


def away() -> tuple[type[Exception], ...]:
    """Return what the clients raise while a service is away or too slow: it may be tried again."""
    return (
        exceptions.ServiceUnavailable,
        exceptions.DeadlineExceeded,
        exceptions.RetryError,
        exceptions.Aborted,
    )


def reads_away() -> tuple[type[Exception], ...]:
    """Return the same of a call that only reads.

    That there is no room, or no quota, says nothing of what is stored, so what is remembered of
    it goes on counting.
    """
    return (*away(), exceptions.ResourceExhausted)


@contextmanager
def translated() -> Iterator[None]:
    """Raise Away and NoRoom in the place of what a client raises for them."""
    try:
        yield
    except away() as error:
        log.warning("part away", error=str(error))
        raise Away(PART_AWAY) from error
    except Exception as error:
        if what := full(error):
            raise no_room(what) from error
        raise
