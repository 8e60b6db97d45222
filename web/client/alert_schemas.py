"""Rules, what they came to, and whom is told: as `monitoring` answers them."""

from typing import Any, Literal

import msgspec

from web.client.monitoring_schemas import Span

Severity = Literal["info", "warning", "critical"]
Status = Literal["ok", "pending", "firing", "resolved"]


class RuleState(msgspec.Struct):
    """How a rule stands: since when, by which window, and how many in a row are out of order."""

    status: Status = "ok"
    since: str | None = None
    seen: str | None = None
    value: float | None = None
    run: int = 0
    alert: str = ""


class Rule(msgspec.Struct):
    """A rule of a model; `channels` None: those that are everybody's.

    `condition` has `when`, each of `acts` has `do`: see the function's API.
    """

    id: str
    name: str
    measure: str
    condition: dict[str, Any]
    span: Span = "hour"
    version: int | None = None
    for_windows: int = 1
    clear_windows: int = 1
    severity: Severity = "warning"
    cooldown_minutes: int = 60
    silenced_until: str | None = None
    channels: list[str] | None = None
    acts: list[dict[str, Any]] = []
    enabled: bool = True
    revision: int = 1
    by: str = ""
    model: str = ""
    state: RuleState = msgspec.field(default_factory=RuleState)


class Act(msgspec.Struct):
    """What an alert does by itself, and what came of it."""

    number: int
    act: dict[str, Any]
    state: Literal["waiting", "running", "done", "declined", "failed", "skipped", "undone"]
    cause: str = ""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    said: str = ""
    ended_at: str | None = None
    undone_by: str = ""


class Event(msgspec.Struct):
    """Something that happened to an alert; `by` is empty where it happened by itself."""

    at: str
    what: str
    by: str = ""


class Alert(msgspec.Struct):
    """One time that a rule fired."""

    id: str
    model: str
    rule: str
    name: str
    measure: str
    looks_for: str
    severity: Severity
    state: Literal["firing", "resolved"]
    window: tuple[str, str]
    started_at: str
    fired_at: str
    value: float | None = None
    resolved_at: str | None = None
    why_resolved: str = ""
    acknowledged_at: str | None = None
    acknowledged_by: str = ""
    notices: list[str] = []
    acts: list[Act] = []
    events: list[Event] = []


class Notice(msgspec.Struct):
    """What a channel was told, and whether it took it."""

    id: str
    channel: str
    state: Literal["due", "sent", "failed"]
    tries: int = 0
    problem: str = ""
    at: str | None = None
    created_at: str = ""
    ended_at: str | None = None


class Tested(msgspec.Struct):
    """The notices of a test."""

    notices: list[Notice]


class Channel(msgspec.Struct):
    """Whom notices go to; `secret` is shown to whoever made it, once."""

    id: str
    kind: Literal["email", "webhook"]
    name: str
    everybody: bool
    to: list[str] = []
    host: str = ""
    secret: str | None = None
    revision: int = 1
    by: str = ""
    created_at: str = ""
    updated_at: str = ""

    @property
    def title(self) -> str:
        """What to call it."""
        return self.name or ", ".join(self.to) or self.host
