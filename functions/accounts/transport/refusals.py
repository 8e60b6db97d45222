"""What is refused for who asks, as HTTP says it."""

from collections.abc import Iterator
from contextlib import contextmanager

from functions.accounts.model.refusals import Forbidden, NotSignedIn, Slowed
from functions.kit.http.responses.problems import Problem, unauthorized


@contextmanager
def answered() -> Iterator[None]:
    """Raise Problem (401, 403, 429) in the place of what services raise for it."""
    try:
        yield
    except NotSignedIn as error:
        raise unauthorized(error.detail) from error
    except Forbidden as error:
        raise Problem(403, error.detail) from error
    except Slowed as error:
        wait = {"Retry-After": str(error.retry_after)}
        raise Problem(429, error.detail, headers=wait) from error
