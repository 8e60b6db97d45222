"""Ids of transactions, which tell a later run of the emulator what it has to know of them."""

from __future__ import annotations

import secrets
from typing import NamedTuple

_MARK = b"tx1"
_READ_ONLY, _READ_WRITE = b"r", b"w"
_TIME_BYTES, _SECRET_BYTES = 8, 16
_LENGTH = len(_MARK) + 1 + 2 * _TIME_BYTES + _SECRET_BYTES


class TransactionId(NamedTuple):
    """What an id tells.

    Attributes:
        began: When the transaction began, in microseconds.
        read_time: The time of its snapshot, if it is read-only.
    """

    began: int
    read_time: int | None


def new_id(identity: TransactionId) -> bytes:
    """Return an id that nobody can guess."""
    kind = _READ_WRITE if identity.read_time is None else _READ_ONLY
    times = (time.to_bytes(_TIME_BYTES) for time in (identity.began, identity.read_time or 0))
    return _MARK + kind + b"".join(times) + secrets.token_bytes(_SECRET_BYTES)


def read_id(identifier: bytes) -> TransactionId | None:
    """Return what an id tells; None if it is none of ours."""
    if len(identifier) != _LENGTH or not identifier.startswith(_MARK):
        return None
    rest = identifier[len(_MARK) + 1 :]
    began = int.from_bytes(rest[:_TIME_BYTES])
    read_time = int.from_bytes(rest[_TIME_BYTES : 2 * _TIME_BYTES])
    read_only = identifier[len(_MARK) : len(_MARK) + 1] == _READ_ONLY
    return TransactionId(began, read_time if read_only else None)
