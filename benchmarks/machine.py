"""On which machine a figure was taken, and when."""

import datetime as dt
import os
import platform


def today() -> str:
    """Return the day, where the machine is."""
    return dt.datetime.now().astimezone().date().isoformat()


def described() -> str:
    """Return the machine in words, without its name."""
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {platform.system()}, Python {python}"


def busy() -> float:
    """Return how many programs wanted a core in the last minute, on the mean."""
    return round(os.getloadavg()[0], 1)
