"""Moments as the gateway writes them: RFC 3339, in UTC (pure).

What is kept or shown is Unix time (`time.time`). What is waited for or measured goes by the steady
clock (`time.monotonic`), which nobody can set and all processes of a machine share.
"""

from datetime import UTC, datetime
from typing import Literal


def timestamp(
    at: float | datetime, precision: Literal["seconds", "milliseconds"] = "seconds"
) -> str:
    """Write Unix time, or a moment in any zone, in RFC 3339.

    Args:
        at: When.
        precision: What is written; the rest is cut off.
    """
    moment = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return moment.astimezone(UTC).isoformat(timespec=precision).removesuffix("+00:00") + "Z"
