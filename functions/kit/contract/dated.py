"""Records whose days are written as people write them, turned into ISO 8601.

Whoever sends a record may write a day as the column's file did, or in any way that can mean but one
day. It costs nothing where all are ISO 8601: only what was not taken is looked at.
"""

import datetime as dt
import functools
from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

import msgspec

from functions.kit.contract import dates
from functions.kit.contract.decoding import UNREADABLE

_TEXT = msgspec.json.Decoder(str)
Raws = dict[str, msgspec.Raw]


class _Written(NamedTuple):
    """How the days or moments of a field are written."""

    has_time: bool
    date_format: str | None


def record(body: bytes, kind: type[msgspec.Struct]) -> bytes | None:
    """Return the JSON of a record with its days in ISO 8601; None where nothing changed.

    Args:
        body: JSON.
        kind: a `columns.record_type`.
    """
    try:
        raws = msgspec.json.decode(body, type=Raws)
    except UNREADABLE:
        return None
    return msgspec.json.encode(raws) if _changed(raws, kind) else None


def records(body: bytes, kind: type[msgspec.Struct]) -> bytes | None:
    """Do as `record` for all of `{"records": [...]}`."""
    try:
        whole = msgspec.json.decode(body, type=Raws)
        rows = msgspec.json.decode(whole["records"], type=list[Raws])
    except (*UNREADABLE, KeyError):
        return None
    changed = [_changed(row, kind) for row in rows]
    if True not in changed:
        return None
    whole["records"] = msgspec.Raw(msgspec.json.encode(rows))
    return msgspec.json.encode(whole)


def _changed(raws: Raws, kind: type[msgspec.Struct]) -> bool:
    changed = False
    for name, written in _fields(kind).items():
        text = _text(raws.get(name))
        if text is None:
            continue
        moment = dates.read(text.strip(), written.date_format, time=written.has_time)
        if moment is None or not (written.has_time or moment.time() == dt.time()):
            continue
        value = moment if written.has_time else moment.date()
        raws[name] = msgspec.Raw(msgspec.json.encode(value))
        changed = True
    return changed


def _text(raw: msgspec.Raw | None) -> str | None:
    if raw is None or not bytes(raw).startswith(b'"'):
        return None
    try:
        return _TEXT.decode(raw)
    except UNREADABLE:  # whoever decodes the whole says so
        return None


@functools.lru_cache(maxsize=64)
def _fields(kind: type[msgspec.Struct]) -> dict[str, _Written]:
    """Return the fields of days and moments, by their names in JSON."""
    found: dict[str, _Written] = {}
    for field in msgspec.structs.fields(kind):
        parts = list(_parts(field.type))
        if dt.date in parts or dt.datetime in parts:
            metas = [part for part in parts if isinstance(part, msgspec.Meta)]
            said = next((meta.extra.get("date_format") for meta in metas if meta.extra), None)
            found[field.encode_name] = _Written(dt.datetime in parts, said)
    return found


def _parts(kind: Any) -> Iterator[Any]:
    yield kind
    for part in (*get_args(kind), *getattr(kind, "__metadata__", ())):
        yield from _parts(part)
