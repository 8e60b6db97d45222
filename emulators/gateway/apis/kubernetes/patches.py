"""Patches: JSON Merge Patch (RFC 7386) and JSON Patch (RFC 6902), each within bounds."""

import copy
from typing import Any

import json_merge_patch
import msgspec
from jsonpatch import InvalidJsonPatch, JsonPatch, JsonPatchException, JsonPatchTestFailed
from jsonpointer import JsonPointer, JsonPointerException

from emulators.gateway.errors import Inapplicable, Invalid, TooLarge

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = ("application/apply-patch+yaml", "application/apply-patch+cbor")
NO_APPLY = "there is no server-side apply here: leave --server-side away"
TYPES = (MERGE, JSON, STRATEGIC)
# As the API server's own bounds (of operations, of a request, of what copies add up to).
MOST_OPERATIONS = 10_000
MOST_BYTES = 3 << 20
# What operations that do not fit raise, and those that are none at all.
_MISFITS = (
    JsonPatchException,
    JsonPointerException,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RecursionError,
)
_DIRECTIVES = ("$setElementOrder/", "$retainKeys", "$patch", "$deleteFromPrimitiveList/")


def merge(target: Any, patch: Any) -> Any:
    """Return the target after a merge patch; neither is changed."""
    return json_merge_patch.merge(copy.deepcopy(target), patch)


def plain(patch: Any) -> Any:
    """Return a strategic merge patch as a merge patch, for kinds that hold nothing but maps.

    Raises:
        Invalid: For a directive that changes how lists are merged.
    """
    if not isinstance(patch, dict):
        return patch
    for key in patch:
        if key.startswith(_DIRECTIVES) and key != "$retainKeys":
            raise Invalid(f"the patch's directive {key!r} is not understood", "send a merge patch")
    return {key: plain(value) for key, value in patch.items() if key != "$retainKeys"}


def apply(target: Any, operations: Any) -> Any:
    """Return the target after a JSON Patch; it is itself not changed.

    Raises:
        Invalid: For what is no patch.
        TooLarge: For one with too many operations, or copies of too many bytes.
        Inapplicable: For a place that there is not, or a test that fails.
    """
    if not isinstance(operations, list):
        raise Invalid("a JSON Patch is an array of operations", "send [{op, path}]")
    if len(operations) > MOST_OPERATIONS:
        raise TooLarge(
            f"the patch has {len(operations)} operations",
            f"send at most {MOST_OPERATIONS} at once",
        )
    patched, room = copy.deepcopy(target), MOST_BYTES
    for number, operation in enumerate(operations):
        try:
            room -= _copied(patched, operation)
            _check_room(room)
            patched = JsonPatch([operation]).apply(patched, in_place=True)
        except _MISFITS as error:
            raise Inapplicable(
                f"operation {number} of the patch cannot be done ({_reason(error)})",
                "look at the object as it is: kubectl get -o json",
            ) from error
    return patched


def check_size(thing: Any) -> None:
    """Refuse an object that patches, one after the other, have made too large.

    Raises:
        TooLarge: When it is.
    """
    size = len(msgspec.json.encode(thing))
    if size > MOST_BYTES:
        raise TooLarge(f"the object would have {size} bytes", f"keep it below {MOST_BYTES} bytes")


def _copied(target: Any, operation: Any) -> int:
    """Count the bytes that an operation copies; what doubles with each soon fills the memory."""
    if operation["op"] != "copy":
        return 0
    return len(msgspec.json.encode(JsonPointer(operation["from"]).resolve(target)))


def _check_room(room: int) -> None:
    if room < 0:
        raise TooLarge("the patch copies too much", f"copy at most {MOST_BYTES} bytes at once")


def _reason(error: Exception) -> str:
    """Return why an operation does not fit; the library's words would hold the object whole."""
    if isinstance(error, JsonPatchTestFailed):
        return "the test finds another value"
    return str(error) if isinstance(error, InvalidJsonPatch) else "there is no such place"
