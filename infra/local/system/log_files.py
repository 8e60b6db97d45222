"""The parts' logs: kept small, and read from their end."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from infra.local.settings import INSTALL_AGAIN

LARGEST = 10 << 20
BLOCK = 64 << 10
MISSING = re.compile(r"No module named '([\w.]+)'")


def rotate(log: Path) -> None:
    """Move a log that has grown large out of the way; one older log is kept."""
    if log.exists() and log.stat().st_size > LARGEST:
        log.replace(log.with_name(log.name + ".1"))


def tail(log: Path, lines: int) -> str:
    """Return the last lines of a log; empty when there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - BLOCK * (1 + lines // 500)))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:]) if lines else ""


def follow(log: Path, start: int, more: Callable[[], bool]) -> Iterator[str]:
    """Yield what is written to `log` from byte `start` on, until `more` says no.

    `more` decides when to look again: it waits for as long as it likes before it answers.
    """
    position = start
    while more():
        if not log.exists():
            continue
        size = log.stat().st_size
        if size < position:  # rotated, or emptied
            position = 0
        if size > position:
            with log.open("rb") as file:
                file.seek(position)
                found = file.read()
            position += len(found)
            yield found.decode(errors="replace")


def remedy(text: str) -> str:
    """Return what to do about a failure that a log shows; empty when it shows none we know."""
    missing = MISSING.search(text)
    if missing:
        package = missing[1].partition(".")[0]
        return f"\nThe Python package {package!r} is missing. {INSTALL_AGAIN}"
    if "No space left on device" in text:
        return "\nThe disk is full: free some space, or move Mayfly's folder with MAYFLY_HOME."
    if "Address already in use" in text:
        return "\nAnother program took the port in the meantime: see ./mayfly doctor."
    return ""
