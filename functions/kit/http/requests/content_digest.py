"""`Content-Digest` (RFC 9530): a body proves by itself that it came whole, whatever carried it.

Gateways that forward in chunks take the length away; a digest goes through them.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from typing import Annotated

from flask import Request

from functions.kit.contract.errors import Unreadable
from functions.kit.http.routing.routes import Header

HEADER = "Content-Digest"
Digested = Annotated[Request, Header(HEADER)]
"""The request of a handler that takes a body of any length: it may prove itself."""
_ALGORITHMS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):\s*(?:;.*)?")


def declared(request: Request) -> dict[str, bytes]:
    """Return the digests of a request's body by their algorithms: `sha-256` and `sha-512`.

    Raises:
        Unreadable: the field is there and cannot be read.
    """
    members = request.headers.get(HEADER, "").split(",")
    found = dict(_member(member.strip()) for member in members if member.strip())
    return {name: found[name] for name in _ALGORITHMS if name in found}


def verified(chunks: Iterator[bytes], digests: dict[str, bytes]) -> Iterator[bytes]:
    """Yield a body, and raise Unreadable at its end where it is not what the digests say."""
    running = {name: _ALGORITHMS[name]() for name in digests}
    for chunk in chunks:
        for one in running.values():
            one.update(chunk)
        yield chunk
    for name, one in running.items():
        if not hmac.compare_digest(one.digest(), digests[name]):
            told = base64.b64encode(one.digest()).decode()
            raise Unreadable(
                f"The body that arrived has {name}=:{told}:, not what its {HEADER} says: it broke "
                "off or was changed on its way; send it again."
            )


def _member(text: str) -> tuple[str, bytes]:
    matched = _MEMBER.fullmatch(text)
    wanted = (
        f"{HEADER} {text[:100]!r} cannot be read: it is sha-256=:BASE64: or sha-512=:BASE64:, "
        "several apart by commas."
    )
    if matched is None:
        raise Unreadable(wanted)
    try:
        return matched[1], base64.b64decode(matched[2], validate=True)
    except binascii.Error as error:
        raise Unreadable(wanted) from error
