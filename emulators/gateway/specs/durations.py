"""Numbers and durations as deploy files write them."""

import re
import time
from datetime import UTC, datetime

from emulators.gateway.errors import Invalid
from emulators.gateway.model.moments import timestamp

_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_LONGEST = 100 * 366 * 86400.0  # what a deploy file means, and a clock can add to
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str, field: str) -> float:
    """Return a Go duration (``1m30s``, ``500ms``) or a plain number, in seconds.

    Raises:
        Invalid: Naming the field, the value and the form wanted.
    """
    if _PLAIN.fullmatch(text):
        value = float(text)
    else:
        parts = _PART.findall(text)
        if not parts or "".join(number + unit for number, unit in parts) != text:
            raise Invalid(f"{field}: {text!r} is not a duration", "write e.g. 500ms, 15s, 2m")
        value = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if value > _LONGEST:
        raise Invalid(f"{field}: {text!r} is too long", "give 100 years at most")
    return value


def moment(text: str, field: str) -> str:
    """Write a moment as log files do: from RFC 3339, or from a duration back from now.

    Raises:
        Invalid: When it is neither.
    """
    if "-" not in text and text[:1].isdigit():
        return timestamp(time.time() - seconds(text, field), "milliseconds")
    return timestamp(_written(text, field), "milliseconds")


def _written(text: str, field: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(
            f"{field}: {text!r} is no moment", "write e.g. 2026-01-31T12:00:00Z, or 5m"
        ) from error
    raise Invalid(f"{field}: {text!r} names no zone", "write e.g. 2026-01-31T12:00:00Z")


def number(text: str, field: str, low: float, high: float) -> float:
    """Return a number within bounds.

    Raises:
        Invalid: Naming the field, the value and the bounds.
    """
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise Invalid(
            f"{field}: {text!r} is out of range", f"give a number from {low:g} to {high:g}"
        )
    return value


def whole(text: str, field: str, low: int, high: int) -> int:
    """Return a whole number within bounds.

    Raises:
        Invalid: Naming the field, the value and the bounds.
    """
    value = number(text, field, low, high)
    if value != int(value):
        raise Invalid(f"{field}: {text!r} is not a whole number", "leave the point out")
    return int(value)


def flag(text: str, field: str) -> bool:
    """Return ``true`` or ``false``.

    Raises:
        Invalid: Naming the field and the value.
    """
    if text.lower() not in ("true", "false"):
        raise Invalid(f"{field}: {text!r} is not a truth value", 'write "true" or "false"')
    return text.lower() == "true"
