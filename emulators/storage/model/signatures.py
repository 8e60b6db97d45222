"""Signed URLs: whether the time that they were signed for is over.

Whether the signature is right cannot be known here: the key's other half is Google's.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from emulators.storage.model.errors import ExpiredError, InvalidError

_LONGEST = 7 * 24 * 3600
_LATEST = 253402300799  # the end of year 9999
_STAMP = "%Y%m%dT%H%M%SZ"
_DIGITS = 12


def check(query: Mapping[str, str], now: datetime) -> None:
    """Let a request pass that is not signed, or is and not too late.

    Args:
        query: Its parameters.
        now: The time.

    Raises:
        ExpiredError: It is too late.
        InvalidError: The parameters make no sense.
    """
    told = {name.lower(): value for name, value in query.items()}
    if "x-goog-signature" in told or "x-goog-algorithm" in told:
        end = _end_of_v4(told)
    elif "signature" in told:
        end = datetime.fromtimestamp(_seconds(told, "expires", _LATEST), UTC)
    else:
        return
    if now > end:
        raise ExpiredError(f"The provided token has expired: it was good until {end:{_STAMP}}.")


def _end_of_v4(told: Mapping[str, str]) -> datetime:
    text = told.get("x-goog-date", "")
    try:
        began = datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
        return began + timedelta(seconds=_seconds(told, "x-goog-expires", _LONGEST))
    except (ValueError, OverflowError) as error:
        raise InvalidError(f"X-Goog-Date is no time such as 20260101T000000Z: {text!r}.") from error


def _seconds(told: Mapping[str, str], name: str, most: int) -> int:
    text = told.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS and int(text) <= most):
        raise InvalidError(f"A signed URL needs {name}: whole seconds, at most {most}.")
    return int(text)
