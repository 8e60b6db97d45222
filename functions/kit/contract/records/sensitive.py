"""Values of columns that are nobody's to read: hashed, so that equal ones stay equal.

Not by a plain hash, which whoever guesses the values could reverse, but by one that is keyed with a
secret of the workspace.
"""

import datetime as dt
import hashlib
import hmac
from typing import Any

PREFIX = "hmac:"
"""What a hashed value begins with."""
_DIGITS = 32
_PURPOSE = "mayfly sensitive values 1"


def secret_of(step_secret: str, workspace: str) -> bytes:
    """Return a workspace's secret: it follows from what all functions of one system share."""
    text = f"{_PURPOSE}\n{workspace}"
    return hmac.new(step_secret.encode(), text.encode(), hashlib.sha256).digest()


def hashed(secret: bytes, column: str, value: Any) -> str | None:
    """Return what stands for a value of a column; None for one that is missing."""
    if value is None:
        return None
    text = f"{column}\n{text_of(value)}"
    return PREFIX + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:_DIGITS]


def text_of(value: Any) -> str:
    """Return a value as text; numbers that are equal have one, however they are written."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case dt.datetime() | dt.date():
            return value.isoformat()
        case _:
            return str(value)


def is_hashed(value: Any) -> bool:
    """Tell whether a value stands for another."""
    return isinstance(value, str) and value.startswith(PREFIX)
