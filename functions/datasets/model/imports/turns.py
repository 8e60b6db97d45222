"""Which imports work at a time: a list of those at work and those that wait, in the order of turns.

Pure. The list is one document. An import joins it when its step is looked at; while others wait it
goes behind them after each turn, so that a small one is not kept by a large one. Who is at work
says so again and again: one that died loses its place.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

LEASE = dt.timedelta(seconds=30)
"""For how long an import counts as at work after it last said so."""
START = dt.timedelta(seconds=10)
"""For how long one keeps its turn that has not begun: nobody may have heard that it is its turn."""
TURN = 3.0
"""Seconds of work after which others have their turn, if they wait."""


class Caps(NamedTuple):
    """How many imports may work at a time.

    Attributes:
        jobs: in all.
        workspace_jobs: of one workspace.
        waiting: that are listed as waiting; those beyond it ask again later.
    """

    jobs: int = 4
    workspace_jobs: int = 3
    waiting: int = 1000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An import that works or waits.

    Attributes:
        workspace: in which it is.
        step: the path of its step.
        until: when it stops to count as at work; None while it waits.
    """

    workspace: str
    step: str
    until: dt.datetime | None = None


def asked(entries: Sequence[Entry], one: Entry, caps: Caps, now: dt.datetime) -> list[Entry]:
    """Return the list with an import that has just become due."""
    found = _alive(entries, now)
    if one.step not in {other.step for other in found} and len(waiting(found)) < caps.waiting:
        found.append(replace(one, until=None))
    return _admitted(found, caps, now)


def begun(entries: Sequence[Entry], one: Entry, caps: Caps, now: dt.datetime) -> list[Entry]:
    """Return the list after an import asked to work: it is at work in it, or waits."""
    return _renewed(asked(entries, one, caps, now), one, now)


def gone_on(entries: Sequence[Entry], one: Entry, caps: Caps, now: dt.datetime) -> list[Entry]:
    """Return the list after a turn: the import is behind the others, and goes on if none waits."""
    others = [other for other in _alive(entries, now) if other.step != one.step]
    return _renewed(_admitted([*others, replace(one, until=None)], caps, now), one, now)


def left(entries: Sequence[Entry], step: str, caps: Caps, now: dt.datetime) -> list[Entry]:
    """Return the list without an import that has come to its end."""
    others = [other for other in _alive(entries, now) if other.step != step]
    return _admitted(others, caps, now)


def waiting(entries: Sequence[Entry]) -> dict[str, int]:
    """Return the place of each step that waits, from 1 on."""
    steps = (one.step for one in entries if one.until is None)
    return {step: place for place, step in enumerate(steps, start=1)}


def at_work(entries: Sequence[Entry]) -> Collection[str]:
    """Return the steps of those that may work."""
    return {one.step for one in entries if one.until is not None}


def _alive(entries: Sequence[Entry], now: dt.datetime) -> list[Entry]:
    return [one for one in entries if one.until is None or one.until > now]


def _renewed(entries: Sequence[Entry], one: Entry, now: dt.datetime) -> list[Entry]:
    return [
        replace(other, until=now + LEASE)
        if other.step == one.step and other.until is not None
        else other
        for other in entries
    ]


def _admitted(entries: Sequence[Entry], caps: Caps, now: dt.datetime) -> list[Entry]:
    """Return the list with those at work for whom there is room, the first to come first.

    One whose workspace is at its cap lets those of others pass.
    """
    found = list(entries)
    for place, one in enumerate(found):
        if one.until is None and _has_room(found, one.workspace, caps):
            found[place] = replace(one, until=now + START)
    return found


def _has_room(entries: Sequence[Entry], workspace: str, caps: Caps) -> bool:
    working = [one for one in entries if one.until is not None]
    ours = sum(one.workspace == workspace for one in working)
    return len(working) < caps.jobs and ours < caps.workspace_jobs
