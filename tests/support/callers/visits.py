"""Readers of a running stack's pages, who come in by a link as the launcher prints one."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from benchmarks.stack import Stack


@contextmanager
def reader(stack: Stack) -> Iterator[httpx.Client]:
    """Give a client of the pages that is signed in as the owner."""
    with httpx.Client(base_url=stack.web_url, timeout=60) as client:
        answer = client.get(stack.sign_in_link())
        assert answer.status_code == 303, answer.text
        yield client


def cookies(client: httpx.Client) -> dict[str, str]:
    """Return what a signed-in client sends along, for clients that are none of HTTPX's."""
    return {"Cookie": "; ".join(f"{one.name}={one.value}" for one in client.cookies.jar)}
