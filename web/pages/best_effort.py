"""What a page shows if it can be had, and stands without."""

from collections.abc import Callable
from typing import TypeVar

from web.client.errors import Failure, NotFound

T = TypeVar("T")


class BestEffort:
    """Fetches what a page stands without.

    Attributes:
        notes: why something is missing, in words for the reader. What is gone needs none.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []

    def get(self, fetch: Callable[[], T | None]) -> T | None:
        """Return what `fetch` gives; None where that is gone, or cannot be had at the moment."""
        try:
            return fetch()
        except NotFound:
            return None
        except Failure as error:
            if error.detail not in self.notes:
                self.notes.append(error.detail)
            return None
