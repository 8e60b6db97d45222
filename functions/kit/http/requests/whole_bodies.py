"""Bodies of any length as chunks, of which none is taken for whole that broke off."""

from collections.abc import Iterator

from flask import Request

from functions.kit.contract.errors import Unreadable, too_large
from functions.kit.http.requests import content_digest
from functions.kit.http.responses.problems import Problem

CHUNK = 256 * 1024


def sized(request: Request, remedy: str) -> Iterator[bytes]:
    """Yield a plain body, which must have a length or a digest.

    When the sender of one without dies, the server (granian) shows us a shorter body that ends
    well.

    Args:
        request: whose body.
        remedy: what to do where neither is there.

    Raises:
        Unreadable: it breaks off, or is not what its Content-Digest says.
        Problem: 411, one could not tell whether it broke off.
    """
    digests = content_digest.declared(request)
    for chunk in content_digest.verified(chunks(request), digests):
        if request.content_length is None and not digests:
            raise Problem(
                411,
                "Without a Content-Length, a file that breaks off cannot be told from a whole "
                f"one, and OpenFaaS forwards every body without: {remedy}",
            )
        yield chunk


def chunks(request: Request) -> Iterator[bytes]:
    """Yield the body; a connection that ends early must not look like a shorter file."""
    received = 0
    while chunk := request.stream.read(CHUNK):
        received += len(chunk)
        yield chunk
    if request.content_length is not None and received < request.content_length:
        raise Unreadable(
            f"The upload broke off after {received:,} of {request.content_length:,} bytes; "
            "send it again."
        )


def limited(source: Iterator[bytes], limit: int) -> Iterator[bytes]:
    """Yield chunks of at most `limit` bytes together; raises TooLarge."""
    received = 0
    for chunk in source:
        received += len(chunk)
        if received > limit:
            raise too_large(limit)
        yield chunk
