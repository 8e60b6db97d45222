"""The `verify` of a `Write`: a precondition of a document that is not written.

The web, Android and iOS SDKs send it for documents that a transaction read and left alone. It is
field 5 of Google's own `Write` but not of the published one, so it comes as an unknown field
(docs/adr/0090).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.unknown_fields import UnknownFieldSet

from emulators.firestore.model import wire
from emulators.firestore.model.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

_FIELD = 5
_TWICE = {
    (True, True): "verified more than once",
    (True, False): "verified and then written",
    (False, True): "written and then verified",
}


def verified(write: Any) -> str | None:
    """Return the name of the document that a `Write` verifies; None if it does something else.

    Raises:
        InvalidArgumentError: The name is not UTF-8.
    """
    if write.WhichOneof("operation") is not None:
        return None
    names = [one.data for one in UnknownFieldSet(write) if _is_verify(one)]
    try:
        return names[-1].decode() if names else None
    except UnicodeDecodeError as error:
        raise InvalidArgumentError("The name in a verify is not UTF-8.") from error


def set_verified(write: Any, name: str) -> None:
    """Make a `Write` verify a document."""
    write.MergeFromString(wire.field(_FIELD, name.encode()))


def check_alone(targets: Iterable[tuple[str, bool]]) -> None:
    """Refuse a commit that verifies a document twice, or verifies and writes it.

    Args:
        targets: The document of each write in order, and whether it is but verified.

    Raises:
        InvalidArgumentError: In the words of Google's own emulator.
    """
    seen: dict[str, bool] = {}
    for name, verifies in targets:
        if name not in seen:
            seen[name] = verifies
        elif twice := _TWICE.get((seen[name], verifies)):
            raise InvalidArgumentError(f"the same document cannot be {twice} in a single request")


def _is_verify(field: Any) -> bool:
    return bool(field.field_number == _FIELD and field.wire_type == wire.LENGTH_DELIMITED)
