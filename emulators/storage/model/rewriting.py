"""The token of a rewrite that takes several calls: how far it is, and of what.

The bytes are copied with the last call alone. Nothing is kept between two of them, so that a
rewrite goes on over a restart.
"""

import base64
import binascii
import json

from emulators.storage.model.errors import InvalidError
from emulators.storage.model.records import Address, Version

STEP = 1 << 20  # the least that a call may ask for, and what it must be a multiple of


def read_limit(limit: int | None) -> int | None:
    """Return how many bytes a call may rewrite; None for all.

    Raises:
        InvalidError: It is no multiple of a mebibyte.
    """
    if limit is not None and (limit < STEP or limit % STEP):
        raise InvalidError(
            f"Invalid value for maxBytesRewrittenPerCall: {limit}: multiples of {STEP} are wanted."
        )
    return limit


def make_token(source: Version, destination: Address, done: int) -> str:
    """Return what a rewrite goes on with."""
    told = [*_what(source, destination), done]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def read_token(token: str, source: Version, destination: Address) -> int:
    """Return how many bytes were rewritten; 0 for no token.

    Raises:
        InvalidError: The token is none, or another rewrite's.
    """
    if not token:
        return 0
    try:
        *what, done = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidError(f"Invalid rewrite token: {token[:100]!r}.") from error
    if what != _what(source, destination) or not isinstance(done, int):
        raise InvalidError("The rewrite token is that of another rewrite, or its source changed.")
    return done


def _what(source: Version, destination: Address) -> list[object]:
    return [source.bucket, source.name, source.generation, destination.bucket, destination.name]
