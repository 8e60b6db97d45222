"""What requests with an Idempotency-Key made: a note that is stored together with it."""

import hashlib
from typing import NamedTuple

import msgspec

from functions.kit.contract.requests.idempotency import other_request


class Origin(NamedTuple):
    """Whose a new dataset will be, and which request makes it.

    Attributes:
        workspace: in which it will be.
        owner: the id of the account that makes it.
        request: the id that follows from the Idempotency-Key; None without one.
    """

    workspace: str
    owner: str
    request: str | None = None


class Made(msgspec.Struct, frozen=True):
    """What one request made.

    Attributes:
        request: the id that follows from its Idempotency-Key.
        thing: the id of the dataset or record.
        digest: SHA-256 of what it asked for, in hex.
    """

    request: str
    thing: str
    digest: str

    def check(self, known: "Made | None") -> None:
        """Raise Conflict when the key is `known` for another request."""
        if known is not None and known != self:
            raise other_request()


def digest_of(*asked: str | bytes) -> str:
    """Return the SHA-256 of what a request asks for; all parts but the last hold no line break."""
    parts = (part.encode() if isinstance(part, str) else part for part in asked)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()
