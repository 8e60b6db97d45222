"""The fields of resources that callers write: their kinds, and how a change is merged in."""

from collections.abc import Mapping
from typing import Any

from emulators.storage.model import times
from emulators.storage.model.errors import InvalidError
from emulators.storage.model.records import Fields

_TEXT, _YES_NO, _OBJECT, _LIST = (str,), (bool,), (dict,), (list,)
Kinds = Mapping[str, tuple[type, ...]]

OBJECT: Kinds = {
    "cacheControl": _TEXT,
    "contentDisposition": _TEXT,
    "contentEncoding": _TEXT,
    "contentLanguage": _TEXT,
    "contentType": _TEXT,
    "customTime": _TEXT,
    "eventBasedHold": _YES_NO,
    "temporaryHold": _YES_NO,
    "storageClass": _TEXT,
    "metadata": _OBJECT,
    "retention": _OBJECT,
    "contexts": _OBJECT,
    "acl": _LIST,
}
BUCKET: Kinds = {
    "acl": _LIST,
    "autoclass": _OBJECT,
    "billing": _OBJECT,
    "cors": _LIST,
    "customPlacementConfig": _OBJECT,
    "defaultEventBasedHold": _YES_NO,
    "defaultObjectAcl": _LIST,
    "encryption": _OBJECT,
    "hierarchicalNamespace": _OBJECT,
    "iamConfiguration": _OBJECT,
    "ipFilter": _OBJECT,
    "labels": _OBJECT,
    "lifecycle": _OBJECT,
    "location": _TEXT,
    "logging": _OBJECT,
    "retentionPolicy": _OBJECT,
    "rpo": _TEXT,
    "softDeletePolicy": _OBJECT,
    "storageClass": _TEXT,
    "versioning": _OBJECT,
    "website": _OBJECT,
}
# What a bucket has for good once it is made.
_FIXED = frozenset(("location", "customPlacementConfig", "hierarchicalNamespace"))
MAX_METADATA_BYTES = 8192


def check(body: Fields, kinds: Kinds) -> Fields:
    """Return the fields of a body that a caller may write; it may send others back, unheeded.

    Raises:
        InvalidError: One is of the wrong kind.
    """
    found = {name: body[name] for name in kinds if name in body}
    for name, value in found.items():
        if value is not None and not isinstance(value, kinds[name]):
            raise InvalidError(f"Invalid value for field '{name}': {str(value)[:100]!r}.")
    _check_metadata(found.get("metadata"))
    _check_times(found)
    return found


def without_nulls(fields: Fields) -> Fields:
    """Return fields without those that are null, at whatever depth."""
    return {
        name: without_nulls(value) if isinstance(value, dict) else value
        for name, value in fields.items()
        if value is not None
    }


def merged(fields: Any, patch: Fields) -> Fields:
    """Return fields with a patch merged in (RFC 7396): null takes away."""
    found = dict(fields) if isinstance(fields, dict) else {}
    for name, value in patch.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict):
            found[name] = merged(found.get(name), value)
        else:
            found[name] = value
    return found


def replaced(fields: Fields, body: Fields, kinds: Kinds) -> Fields:
    """Return fields with all that a caller may write replaced; what is not there goes away."""
    kept = {name: value for name, value in fields.items() if name not in kinds or name in _FIXED}
    return kept | without_nulls({n: value for n, value in body.items() if n not in _FIXED})


def patched(fields: Fields, body: Fields) -> Fields:
    """Return fields with a patch of what a caller may write."""
    return merged(fields, {name: value for name, value in body.items() if name not in _FIXED})


def _check_times(found: Fields) -> None:
    """Let times pass that are some: nothing could be said later of an object until a wrong one."""
    until = (found.get("retention") or {}).get("retainUntilTime")
    for name, value in (("customTime", found.get("customTime")), ("retainUntilTime", until)):
        if value is not None:
            times.read(value, name)


def _check_metadata(found: Any) -> None:
    if not found:
        return
    for key, value in found.items():
        if value is not None and not isinstance(value, str):
            raise InvalidError(f"Invalid value for metadata '{key[:100]}': a string is wanted.")
    size = sum(map(_bytes, found)) + sum(_bytes(value or "") for value in found.values())
    if size > MAX_METADATA_BYTES:
        raise InvalidError(f"Custom metadata of {size} bytes: at most {MAX_METADATA_BYTES} fit.")


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
