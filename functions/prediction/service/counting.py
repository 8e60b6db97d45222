"""Counts, by version and minute, what the log of predictions does not have.

Calls that failed or were refused, and versions that had to be loaded. Nobody waits for it: of a
call that went well no more is done than to look at its status.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple
from uuid import uuid4

import msgspec
import structlog

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import DomainError
from functions.kit.contract.models.registration import CHAMPION
from functions.kit.contract.telemetry.activity import Note
from functions.kit.contract.telemetry.predictions import COUNTED, Counted, Counts
from functions.prediction.service.ports import Loaded, Reference, Target

log = structlog.get_logger()

_VERSION = re.compile("[0-9]{1,9}")
_OURS, _QUOTA = 500, 429
_REFUSED = frozenset((400, 413, 415, 422))
_ACTS = ("/predict", "/infer")
"""How the routes end by which is predicted."""

Led = Callable[[Place, Reference], Target]
"""Where a reference of a model leads; raises DomainError."""


class Happened(NamedTuple):
    """One thing to count; `reference` is None where the target is known.

    Attributes:
        at: Unix seconds.
        what: it.
        model: whose.
        reference: that the call named.
        target: the version.
    """

    at: float
    what: Counts
    model: Place
    reference: Reference
    target: Target | None = None


def _happened(noted: Note | Loaded) -> Happened | None:
    if isinstance(noted, Loaded):
        return of_load(noted.target, noted.at)
    return of_note(noted)


def of_note(note: Note) -> Happened | None:
    """Return what is to be counted of a request; None where that is nothing."""
    at, method, route, path, status, _, caller, *_ = note
    if method != "POST" or not route.endswith(_ACTS) or caller is None:
        return None
    what = _what(status)
    asked = _asked(path)
    if what is None or asked is None:
        return None
    return Happened(at, what, Place(caller.workspace, asked[0]), asked[1])


def of_load(target: Target, at: float) -> Happened:
    """Return that a version had to be loaded."""
    return Happened(at, Counts(cold_starts=1), target.model, target.version, target)


def events(noted: Sequence[Note | Loaded], led: Led, sender: str) -> list[bytes]:
    """Return CloudEvents of what was noted, each of one version and minute, as JSON.

    Their ids begin with the sender's, by which they are kept: see `predictions.sender_of`.

    What is of a version that cannot be found is in nobody's: it may never have been there.
    """
    counts: dict[tuple[Target, int], Counts] = {}
    found = [one for one in map(_happened, noted) if one is not None]
    for one, target in _resolved(found, led):
        key = (target, int(one.at // 60))
        counts[key] = counts.get(key, Counts()).plus(one.what)
    return [_event(target, minute, total, sender) for (target, minute), total in counts.items()]


def _resolved(found: Iterable[Happened], led: Led) -> Iterable[tuple[Happened, Target]]:
    known: dict[tuple[Place, Reference], Target | None] = {}
    for one in found:
        key = (one.model, one.reference)
        if one.target is None and key not in known:
            known[key] = _target(key, led)
        target = one.target or known.get(key)
        if target is not None:
            yield one, target


def _target(key: tuple[Place, Reference], led: Led) -> Target | None:
    try:
        return led(*key)
    except DomainError as error:
        log.info("calls of no version", model=key[0].name, error=error.detail)
        return None


def _event(target: Target, minute: int, counts: Counts, sender: str) -> bytes:
    data = Counted(
        target.model.workspace, target.model.name, target.version, target.uid, minute, counts
    )
    event = {
        "specversion": "1.0",
        "type": COUNTED,
        "source": "/",
        "time": dt.datetime.fromtimestamp(minute * 60, dt.UTC).isoformat(),
        "id": f"{sender}-{uuid4().hex}",
        "data": data,
    }
    return msgspec.json.encode(event)


def _what(status: int) -> Counts | None:
    if status >= _OURS:
        return Counts(errors=1)
    if status == _QUOTA:
        return Counts(quota_hits=1)
    return Counts(refused=1) if status in _REFUSED else None


def _asked(path: str) -> tuple[str, Reference] | None:
    """Return the model and the reference that a path names."""
    parts = path.strip("/").split("/")
    if "models" not in parts[:-1]:
        return None
    model, *rest = parts[parts.index("models") + 1 :]
    if rest[:1] == ["versions"] and len(rest) > 1:
        return (model, int(rest[1])) if _VERSION.fullmatch(rest[1]) else None
    if rest[:1] == ["aliases"] and len(rest) > 1:
        return model, rest[1]
    return model, CHAMPION
