"""The clock of the machine."""

import datetime as dt
import time


class SystemClock:
    """The Clock that all of a process uses."""

    def now(self) -> dt.datetime:
        """See Clock."""
        return dt.datetime.now(dt.UTC)

    # The functions themselves: a prediction asks for the time, and its microseconds count.
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)
