"""Which words may stand at a place of a body: msgspec refuses others without saying so."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.inspect import (
    DictType,
    EnumType,
    ListType,
    LiteralType,
    Metadata,
    StructType,
    Type,
    UnionType,
)

MOST = 20
"""Words that are told."""


def told(kind: Any, path: str) -> str:
    """Return what may stand at a place, in words; nothing where that cannot be told.

    Args:
        kind: of the whole body.
        path: as msgspec writes it, without `$.`: `split.by`, `recipes[0].make`.
    """
    words = sorted(set(_words(msgspec.inspect.type_info(kind), path)))
    if not words:
        return ""
    more = f" and {len(words) - MOST:,} more" if len(words) > MOST else ""
    return f"; there are {', '.join(words[:MOST])}{more}"


def _words(kind: Type, path: str) -> Iterator[str]:
    match kind:
        case Metadata(inner):
            yield from _words(inner, path)
        case UnionType(types):
            for one in types:
                yield from _words(one, path)
        case ListType(inner) | DictType(_, inner) if path.startswith("["):
            yield from _words(inner, path.partition("]")[2].removeprefix("."))
        case StructType(fields=fields):
            for field in fields:
                yield from _within(field.encode_name, field.type, path)
        case LiteralType(values) if not path:
            yield from map(str, values)
        case EnumType(cls) if not path:
            yield from (str(one.value) for one in cls)


def _within(name: str, kind: Type, path: str) -> Iterator[str]:
    """Yield the words at a place, if it is the field or within it."""
    rest = path.removeprefix(name)
    if path.startswith(name) and rest[:1] in {"", ".", "["}:
        yield from _words(kind, rest.removeprefix("."))
