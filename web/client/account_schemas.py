"""What the function `accounts` answers. Unknown fields are passed over."""

from typing import Literal

import msgspec

from web.client.plain_words import plain

Role = Literal["owner", "editor", "viewer"]
Right = Literal["read", "predict", "write", "manage", "self", "operate"]
Scope = Literal["read", "predict", "write"]
Mode = Literal["open", "invitation", "off"]


class Account(msgspec.Struct):
    """A person; `roles` are its roles by workspace."""

    id: str
    email: str = ""
    name: str = ""
    roles: dict[str, Role] = {}
    home: str = ""
    plan: str = ""
    operator: bool = False
    disabled: bool = False
    created_at: str | None = None


class Signed(msgspec.Struct):
    """A session that has begun, with the token that opens it."""

    token: str
    ends_at: str
    account: Account


class Me(msgspec.Struct):
    """Who calls, and what that may do in the workspace that is meant."""

    name: str
    account: str
    workspace: str
    rights: list[Right] = []
    plan: str = ""


class Session(msgspec.Struct):
    """Somebody who is signed in somewhere; `current` is the one that asks."""

    id: str
    created_at: str
    ends_at: str
    agent: str = ""
    address: str = ""
    current: bool = False


class Workspace(msgspec.Struct):
    """A place for things, and the reader's role there."""

    id: str
    name: str
    role: Role
    home: bool = False


class Membership(msgspec.Struct):
    """What an invitation gave."""

    workspace: str
    role: Role


class Person(msgspec.Struct):
    """A member of the workspace."""

    account: str
    name: str
    email: str
    role: Role


class Invitation(msgspec.Struct):
    """Somebody who may join; the token is told once, to whoever invites."""

    id: str
    email: str
    role: Role
    created_at: str
    ends_at: str
    token: str = ""


class Subject(msgspec.Struct):
    """The one thing that a key is for."""

    kind: Literal["model", "dataset"]
    name: str


class Key(msgspec.Struct):
    """An API key; `key` itself is told once, when it is made."""

    id: str
    name: str
    account: str
    workspace: str
    scopes: list[Scope]
    last_four: str
    created_at: str
    only: Subject | None = None
    ends_at: str | None = None
    last_used_at: str | None = None
    key: str = ""


class Plan(msgspec.Struct):
    """What accounts may ask for; None is no bound."""

    name: str
    predictions_per_minute: int | None = None
    concurrency: int | None = None
    rows: int | None = None
    bytes: int | None = None


class Usage(msgspec.Struct):
    """How much of the plan's window is used; `window` in seconds, `used` null if nobody counts."""

    plan: str
    window: int
    used: int | None = None
    limit: int | None = None
    resets_at: str | None = None


class Line(msgspec.Struct):
    """A request that a function answered; kind "lost": as many as `rows` says, not told of."""

    at: str
    function: str
    method: str
    path: str
    status: int
    route: str = ""
    elapsed_ms: float = 0.0
    caller: str = ""
    account: str = ""
    kind: str = ""
    last_four: str = ""
    call: str = ""
    rows: int | None = None
    reason: str = ""

    @property
    def why(self) -> str:
        """Why it was refused, in words."""
        return plain(self.reason)

    @property
    def model(self) -> str:
        """The model that it asked for a prediction; empty for any other request."""
        parts = self.path.split("/")
        asked = self.function == "prediction" and self.route.startswith("/models/{model}")
        return parts[2] if asked and len(parts) > 2 else ""


class SystemSettings(msgspec.Struct):
    """What the operator decides for all."""

    sign_up: Mode
