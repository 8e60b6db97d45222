"""What a rule may do when it fires, and how each act goes from state to state."""

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from msgspec.structs import replace

from functions.kit.contract.models.registration import CHAMPION
from functions.kit.contract.models.traffic import MOST_SHARES, Share
from functions.kit.contract.requests.names import ModelName

Number = Annotated[str, msgspec.Meta(pattern="^[1-9][0-9]{0,8}$")]
"""Of a version, as a key of JSON."""


class Retrain(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="retrain"
):
    """Train as the alias's version was trained, on the newest revision of its dataset."""

    alias: ModelName = CHAMPION


class Promote(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="promote"
):
    """Let the alias name the newest version, if it is better on rows that neither was fitted on.

    These are such as came since the other was trained, where there are enough of them. After a
    `retrain` of the same rule, it is the version that came of that.
    """

    alias: ModelName = CHAMPION
    measure: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    margin: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class Rollback(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="rollback"
):
    """Let the alias name what it named before."""

    alias: ModelName = CHAMPION


class Switch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="switch"):
    """Share the alias's calls out anew; without `shares`, all go to the version that it names."""

    alias: ModelName = CHAMPION
    shares: Annotated[dict[Number, Share], msgspec.Meta(max_length=MOST_SHARES)] = {}


Act = Retrain | Promote | Rollback | Switch
ActState = Literal["waiting", "running", "done", "declined", "failed", "skipped", "undone"]
"""Declined: on its own condition. Skipped: one before it was not done."""
OVER: frozenset[ActState] = frozenset(("done", "declined", "failed", "skipped", "undone"))


class ActRun(msgspec.Struct, frozen=True, kw_only=True):
    """One act of an alert, and what came of it.

    Attributes:
        act: what is to be done.
        cause: why, in words.
        state: how far it is.
        before: what it found, noted before it changed anything: what an undo goes back to.
        after: what it made of that: a job, a version, what an alias names.
        said: what came of it, in words.
        at: when it is to be looked at (again).
        ended_at: when it was over.
        undone_by: who took it back.
    """

    act: Act
    cause: str
    state: ActState = "waiting"
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    said: str = ""
    at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    undone_by: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done."""
        return self.state in OVER


def next_of(acts: list[ActRun]) -> int | None:
    """Return the place of the act that is to be done now; None when all are over."""
    return next((place for place, one in enumerate(acts) if not one.is_over), None)


def noted(run: ActRun, before: dict[str, Any]) -> ActRun:
    """Note what an act found, before it changes anything; what was noted first stays."""
    return run if run.state != "waiting" else replace(run, state="running", before=before)


def waits(run: ActRun, after: dict[str, Any], said: str, at: dt.datetime) -> ActRun:
    """Note that something goes on elsewhere, which is looked at again."""
    return run if run.is_over else replace(run, state="running", after=after, said=said, at=at)


def ended(
    run: ActRun, state: ActState, said: str, now: dt.datetime, after: dict[str, Any] | None = None
) -> ActRun:
    """End an act; one that is over stays as it is."""
    if run.is_over:
        return run
    made = run.after if after is None else after
    return replace(run, state=state, said=said, after=made, at=None, ended_at=now)


def undone(run: ActRun, by: str, said: str) -> ActRun:
    """Note that an act was taken back."""
    return replace(run, state="undone", undone_by=by, said=said, at=None)


def settled(acts: list[ActRun], now: dt.datetime) -> list[ActRun]:
    """Return the acts with those skipped that wait behind one that was not done."""
    stopped = False
    found = []
    for one in acts:
        skip = stopped and not one.is_over
        found.append(ended(one, "skipped", "what came before was not done", now) if skip else one)
        stopped = stopped or one.state in {"declined", "failed", "undone"}
    return found
