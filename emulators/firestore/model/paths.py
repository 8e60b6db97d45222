"""Names of documents and collections, and keys: bytes that sort as the names do.

A name is `projects/P/databases/D/documents/C/ID/...`. A key encodes the segments after
`documents`, each as tag + bytes + terminator, so that comparing keys compares names segment by
segment, with `__id7__` ids first and by number (contract section 4).
"""

from __future__ import annotations

import re

from emulators.firestore.model.errors import InvalidArgumentError

END = b"\x00\x01"
_ESCAPED_ZERO = b"\x00\xff"
_NUMBER, _TEXT = b"\x01", b"\x02"
_ROOT = re.compile(r"projects/([^/]+)/databases/([^/]+)(?:/documents(?:/(.*))?)?", re.DOTALL)
_NUMERIC_ID = re.compile(r"__id(-?\d{1,19})__")
_RESERVED_ID = re.compile(r"__.+__", re.DOTALL)
_FORM = ("projects", "/", None, "/", "databases", "/", None, "/", "documents")  # None: any id
_PARENT = "Document parent name"
_SIGN = 1 << 63
_MAX_ID_BYTES = 1500
_MAX_NAME_BYTES = 6 * 1024
_MAX_SEGMENTS = 200  # a depth of 100 collections

Segments = tuple[str, ...]


def split(name: str, what: str = "Resource name") -> tuple[str, Segments]:
    """Split any resource name into database name and the segments below `documents`.

    Args:
        name: The name.
        what: What it names, for the error.

    Raises:
        InvalidArgumentError: The name is not that of a database or below one.
    """
    match = _ROOT.fullmatch(name)
    if match is None:
        raise _malformed(what, name)
    database = f"projects/{match[1]}/databases/{match[2]}"
    return database, tuple(match[3].split("/")) if match[3] else ()


def document(name: str, database: str) -> Segments:
    """Return the checked segments of a document name in a database."""
    segments = within(name, database, "Document name")
    if not segments or len(segments) % 2:
        raise _lacks_more("Document name", name)
    return segments


def parent(name: str, database: str) -> Segments:
    """Return the segments of a parent: a document or, with no segments, the database root."""
    segments = within(name, database, _PARENT)
    if len(segments) % 2:
        raise _lacks_more(_PARENT, name)
    return segments


def reference(name: str) -> Segments:
    """Return the segments of a document of any database, or of a root: what a reference names.

    Raises:
        InvalidArgumentError: It names nothing of that kind; in the words that the real service
            has for parents, too.
    """
    _, segments = split(name, _PARENT)
    for segment in segments:
        check_id(segment)
    if len(segments) % 2:
        raise _lacks_more(_PARENT, name)
    return segments


def _malformed(what: str, name: str) -> InvalidArgumentError:
    """Return what is wrong with a name that does not lead to the documents of a database."""
    place = 0
    for part in _FORM:
        if part is None:
            found = len(name[place:].partition("/")[0])
            if not found:
                return InvalidArgumentError(
                    f'{what} "{name}" has an empty resource id at index {place}.'
                )
            place += found
        elif name.startswith(part, place):
            place += len(part)
        else:
            return InvalidArgumentError(f'{what} "{name}" lacks "{part}" at index {place}.')
    return _lacks_more(what, name, place)


def _lacks_more(what: str, name: str, place: int | None = None) -> InvalidArgumentError:
    index = len(name) if place is None else place
    return InvalidArgumentError(f'{what} "{name}" lacks "/" at index {index}.')


def within(name: str, database: str, what: str = "Resource name") -> Segments:
    """Return the checked segments of a name, which must lie in the database.

    Args:
        name: Of a document, a collection or the root.
        database: Its database.
        what: What the name is, for the error.
    """
    owner, segments = split(name, what)
    if owner != database:
        raise InvalidArgumentError(f'Resource "{name}" is not in the database "{database}".')
    if len(segments) > _MAX_SEGMENTS or len(name) > _MAX_NAME_BYTES:
        raise InvalidArgumentError(f'Resource name "{name[:80]}..." is longer than 6144 bytes.')
    for segment in segments:
        check_id(segment)
    return segments


def check_id(segment: str, what: str = "Resource") -> None:
    """Refuse what cannot be the id of a document or collection; `what` names it in the error."""
    if not 0 < len(segment.encode()) <= _MAX_ID_BYTES:
        raise InvalidArgumentError(
            f'{what} id "{segment[:80]}" is invalid: it must have 1 to {_MAX_ID_BYTES} bytes.'
        )
    if "/" in segment:
        raise InvalidArgumentError(f'{what} id "{segment}" is invalid because it contains "/".')
    if segment in {".", ".."}:
        raise InvalidArgumentError(f'{what} id "{segment}" is invalid.')
    if segment.startswith("__") and _RESERVED_ID.fullmatch(segment):
        if _NUMERIC_ID.fullmatch(segment):
            return
        raise InvalidArgumentError(f'{what} id "{segment}" is invalid because it is reserved.')


def name(database: str, segments: Segments) -> str:
    """Return the full name of a document, or of the root when there are no segments."""
    return "/".join((database, "documents", *segments))


def key(segments: Segments) -> bytes:
    """Return the key of a path, a prefix of the keys of everything below it."""
    return b"".join(map(segment_key, segments))


def segment_key(segment: str) -> bytes:
    """Return the key of one segment."""
    numeric = _NUMERIC_ID.fullmatch(segment) if segment.startswith("__id") else None
    if numeric and -_SIGN <= int(numeric[1]) < _SIGN:
        return _NUMBER + escape((int(numeric[1]) + _SIGN).to_bytes(8)) + END
    return _TEXT + escape(segment.encode()) + END


def escape(raw: bytes) -> bytes:
    """Make bytes safe to end with END, keeping their order."""
    return raw.replace(b"\x00", _ESCAPED_ZERO) if b"\x00" in raw else raw


def segments_of(encoded: bytes) -> Segments:
    """Return the segments that a key was made of."""
    return tuple(map(_segment_of, encoded.split(END)[:-1]))


def _segment_of(part: bytes) -> str:
    raw = part[1:].replace(_ESCAPED_ZERO, b"\x00")
    if part[:1] == _NUMBER:
        return f"__id{int.from_bytes(raw) - _SIGN}__"
    return raw.decode()


def collection_of(document_key: bytes) -> bytes:
    """Return the key of the collection that a document is in."""
    return document_key[: document_key.rindex(END, 0, -len(END)) + len(END)]


def successor(prefix: bytes) -> bytes | None:
    """Return the least bytes above everything that begins with the prefix; None if nothing is."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes((stripped[-1] + 1,)) if stripped else None
