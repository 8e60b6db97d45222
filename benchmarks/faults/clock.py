"""A clock of a stack's own that can be set: Debian's libfaketime, put before the C library.

The machine's clock stays as it is. Clocks that never go back (monotonic) are not touched, and
neither is NATS, a Go program, which asks the kernel itself.
"""

from pathlib import Path

_PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


def missing() -> str:
    """Return why no clock can be set; empty where it can."""
    return "" if _library() else "libfaketime is not installed (Debian: faketime)"


def environment(file: Path) -> dict[str, str]:
    """Return the variables of processes whose clock `file` sets."""
    step(file, 0)
    return {
        "LD_PRELOAD": str(_library()),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",  # seconds
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def step(file: Path, seconds: int) -> None:
    """Set the clock so many seconds before or after the machine's."""
    fresh = file.with_suffix(".new")
    fresh.write_text(f"{seconds:+d}\n")
    fresh.replace(file)


def _library() -> Path | None:
    root = Path("/")
    found = (path for place in _PLACES for path in root.glob(place.removeprefix("/")))
    return next(found, None)
