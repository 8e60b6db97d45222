"""A task: a call that is answered later, and what is kept of it."""

import datetime as dt
from typing import Literal

import msgspec

from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.workspaces import MAIN, Place

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ENDED: frozenset[State] = frozenset(("succeeded", "failed", "cancelled"))


class Call(msgspec.Struct, frozen=True):
    """What was sent, but for its body.

    Attributes:
        reference: of the model, an alias or a version's number.
        path: that was asked.
        query: likewise, without its question mark.
        content_type: of the body.
        headers: those that an answer depends on, by WSGI's names.
        digest: SHA-256 of the body, in hex digits.
    """

    reference: str | int
    path: str
    query: str
    content_type: str
    headers: dict[str, str]
    digest: str


class Result(msgspec.Struct, frozen=True):
    """What was answered.

    Attributes:
        status: of HTTP.
        content_type: of the body.
        headers: besides the body's type and length.
        path: of the body in the bucket.
        bytes: of that.
        problem: the body itself, where the answer is a refusal (RFC 9457); else empty.
    """

    status: int
    content_type: str
    headers: dict[str, str]
    path: str
    bytes: int
    problem: str = ""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A task.

    Attributes:
        id: in its workspace.
        model: that is asked.
        owner: whose it is, see `owner_of`.
        caller: who asked, as it was then.
        call: what was sent.
        body: where that call's body is in the bucket.
        result: what was answered, once it is.
        expires_at: until when that is kept; before it is there, until when it is tried for.
        is_swept: its files are gone.
        is_removed: it is to go, with all its files.
    """

    id: str
    workspace: str = MAIN
    model: str
    owner: str
    caller: Caller
    call: Call
    body: str
    state: State = "queued"
    result: Result | None = None
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    expires_at: dt.datetime
    is_swept: bool = False
    is_removed: bool = False

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.workspace, self.id)

    @property
    def is_ended(self) -> bool:
        """Whether nothing more is answered."""
        return self.state in ENDED

    @property
    def forgotten_at(self) -> dt.datetime:
        """When nothing is known of it any more: what is gone is said to be, for as long again."""
        return self.expires_at + (self.expires_at - (self.ended_at or self.created_at))


def owner_of(caller: Caller) -> str:
    """Return whose tasks a caller's are: an account's, with all its keys; else a function's."""
    return caller.account or caller.name
