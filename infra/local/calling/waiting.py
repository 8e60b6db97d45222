"""Waits for what a function does later, by looking now and then."""

import time
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
FIRST, LONGEST = 0.1, 1.0  # seconds between two looks


def until(
    look: Callable[[], Json], is_over: Callable[[Json], bool], show: Callable[[Json], None]
) -> Json:
    """Look until it is over; `show` gets what each look found.

    Raises:
        LocalError: as `look` does.
    """
    wait = FIRST
    while True:
        seen = look()
        show(seen)
        if is_over(seen):
            return seen
        time.sleep(wait)
        wait = min(1.5 * wait, LONGEST)
