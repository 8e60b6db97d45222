"""Who calls, and what they may do: roles in workspaces, rights, and what a key is for."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec

from functions.kit.contract.access.workspaces import MAIN

Role = Literal["owner", "editor", "viewer"]
Kind = Literal["key", "session", "step", "anyone"]
Right = Literal["read", "predict", "write", "manage", "self", "operate"]
"""To see things; to have predictions; to change things; to manage a workspace's people, keys and
settings; to manage oneself (password, sessions, keys); to run the whole system."""
Scope = Literal["read", "predict", "write"]
"""The rights that a key may be given."""

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "viewer": frozenset(("read", "predict")),
    "editor": frozenset(("read", "predict", "write")),
    "owner": frozenset(("read", "predict", "write", "manage")),
}
SYSTEM: frozenset[Right] = frozenset(("read", "predict", "write"))
"""What a function of our own may do in the workspace that its token names."""
EVERY: frozenset[Right] = frozenset(("read", "predict", "write", "manage", "self", "operate"))

OWNER = "owner"
"""The id of the account that a system begins with; its workspace is MAIN."""
UNLIMITED = "unlimited"
"""The plan of that account: what has no bounds."""
KEPT_FOR = 300.0
"""Seconds for which a credential that was known goes on counting while Firestore is away."""


class Subject(NamedTuple):
    """The one thing that a key is for: `("model", "titanic")`."""

    kind: Literal["model", "dataset"]
    name: str


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls.

    Attributes:
        name: for histories and logs: a key's or an account's name; a function's.
        kind: what was shown: an API key, a session, a step token, or nothing.
        workspace: whose things are meant; empty for a system's own steps, and for an account that
            has none.
        account: the id of the account that calls, or whose key does; empty for functions.
        rights: what may be done there.
        only: what the key is for; None for everything of the workspace.
        plan: the name of the account's plan.
        key: the key's id; empty without one.
        last_four: the key's last letters, for logs.
    """

    name: str
    kind: Kind
    workspace: str = ""
    account: str = ""
    rights: frozenset[Right] = frozenset()
    only: Subject | None = None
    plan: str = ""
    key: str = ""
    last_four: str = ""

    def may(self, right: Right) -> bool:
        """Tell whether the caller has a right."""
        return right in self.rights

    def sees(self, kind: str, name: str) -> bool:
        """Tell whether a thing of the workspace is one that the caller's key is for."""
        return self.only is None or self.only == (kind, name)


ANYONE = Caller(name="anyone", kind="anyone")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a credential is.

    Attributes:
        callers: who calls with it, by workspace.
        home: the workspace that is meant where the call names none.
        ends: Unix seconds from which on it does not count any more; None for never.
    """

    callers: dict[str, Caller]
    home: str
    ends: float | None = None


class IdentitiesAway(Exception):  # noqa: N818 - a state, not a mistake
    """What is kept of credentials cannot be read now."""


@lru_cache(maxsize=8)
def of_first_key(last_four: str = "") -> Identity:
    """Return whose a system's first key is: the owner's, and it may do everything."""
    caller = Caller(
        name="first",
        kind="key",
        workspace=MAIN,
        account=OWNER,
        rights=EVERY,
        plan=UNLIMITED,
        key="first",
        last_four=last_four,
    )
    return Identity(callers={MAIN: caller}, home=MAIN)
