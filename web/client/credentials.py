"""Whose calls these are: each goes out with the reader's own session, never with one for all.

What is set counts for the current context, a request's; a thread that calls for it takes the
context along (`contextvars.copy_context`).
"""

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Credential:
    """A reader's session, and the workspace that is meant; empty for the account's home."""

    token: str = field(repr=False)
    workspace: str = ""


_current: contextvars.ContextVar[Credential | None] = contextvars.ContextVar(
    "credential", default=None
)


def use(credential: Credential | None) -> None:
    """Let the calls that follow in this context be made with `credential`; None: by nobody."""
    _current.set(credential)


@contextmanager
def using(credential: Credential | None) -> Iterator[None]:
    """Let the calls within be made with `credential`."""
    token = _current.set(credential)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def at_home() -> Iterator[None]:
    """Let the calls within be about the account itself, whatever became of its workspace."""
    credential = _current.get()
    with using(credential and replace(credential, workspace="")):
        yield


def current() -> Credential | None:
    """Return whose calls are made now."""
    return _current.get()


def headers() -> dict[str, str]:
    """Return the fields that say whose a call is."""
    credential = _current.get()
    return {} if credential is None else headers_of(credential)


def headers_of(credential: Credential) -> dict[str, str]:
    """Return the fields that say that a call is made with `credential`."""
    named = {"X-Workspace": credential.workspace} if credential.workspace else {}
    return {"Authorization": f"Bearer {credential.token}", **named}
