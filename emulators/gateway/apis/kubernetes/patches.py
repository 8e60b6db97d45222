"""Patches: JSON Merge Patch (RFC 7386) and JSON Patch (RFC 6902), as pure code."""

import copy
from collections.abc import Sequence
from typing import Any

import msgspec

from emulators.gateway.errors import Inapplicable, Invalid, TooLarge

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
# As the API server's own bounds (of operations, of a request, of what copies add up to).
MOST_OPERATIONS = 10_000
MOST_BYTES = 3 << 20
_INDEX_DIGITS = 9
_DIRECTIVES = ("$setElementOrder/", "$retainKeys", "$patch", "$deleteFromPrimitiveList/")


def merge(target: Any, patch: Any) -> Any:
    """The target after a merge patch; neither is changed."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def plain(patch: Any) -> Any:
    """A strategic merge patch as a merge patch, for kinds that hold nothing but maps.

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
    """The target after a JSON Patch; it is itself not changed.

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
        )  # fmt: skip
    patched = _Patched(target)
    for number, operation in enumerate(operations):
        try:
            patched.step(operation)
        except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise Inapplicable(
                f"operation {number} of the patch cannot be done ({error or 'bad path'})",
                "look at the object as it is: kubectl get -o json",
            ) from error  # fmt: skip
    return patched.root[0]


def check_size(thing: Any) -> None:
    """Refuses an object that patches, one after the other, have made too large.

    Raises:
        TooLarge: TODO.
    """
    size = len(msgspec.json.encode(thing))
    if size > MOST_BYTES:
        raise TooLarge(f"the object would have {size} bytes", f"keep it below {MOST_BYTES} bytes")


class _Patched:
    """A copy of an object while it is changed.

    Attributes:
        root: The object, in a list, so that it has a place of its own, too.
    """

    def __init__(self, target: Any) -> None:
        self.root = [copy.deepcopy(target)]
        self._copied = 0

    def step(self, operation: dict[str, Any]) -> None:
        """Does one operation."""
        name, path = operation["op"], _pointer(operation["path"])
        if name == "test":
            if _read(self.root, path) != operation["value"]:
                raise ValueError(f"{operation['path']} has another value")
        elif name == "add":
            _add(self.root, path, copy.deepcopy(operation["value"]))
        elif name == "replace":
            _remove(self.root, path)
            _add(self.root, path, copy.deepcopy(operation["value"]))
        elif name == "remove":
            _remove(self.root, path)
        elif name == "move":
            self._move(_pointer(operation["from"]), path)
        elif name == "copy":
            _add(self.root, path, self._copy(_pointer(operation["from"])))
        else:
            raise ValueError(f"there is no operation {name!r}")

    def _move(self, source: list[str], path: list[str]) -> None:
        if source == path[: len(source)] and source != path:
            raise ValueError("a value cannot move into itself")
        value = _read(self.root, source)
        _remove(self.root, source)
        _add(self.root, path, value)

    def _copy(self, source: list[str]) -> Any:
        """A value again; what doubles with each operation would soon fill the memory."""
        value = _read(self.root, source)
        self._copied += len(msgspec.json.encode(value))
        if self._copied > MOST_BYTES:
            raise TooLarge("the patch copies too much", f"copy at most {MOST_BYTES} bytes at once")
        return copy.deepcopy(value)


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise ValueError(f"{text!r} does not begin with /")
    parts = text.split("/")[1:]
    return ["0", *(part.replace("~1", "/").replace("~0", "~") for part in parts)]


def _index(part: str, length: int) -> int:
    if not part.isdigit() or len(part) > _INDEX_DIGITS or int(part) >= length:
        raise IndexError(f"there is no element {part!r}")
    return int(part)


def _read(root: Any, path: Sequence[str]) -> Any:
    found = root
    for part in path:
        found = found[_index(part, len(found))] if isinstance(found, list) else found[part]
    return found


def _add(root: Any, path: Sequence[str], value: Any) -> None:
    holder, last = _read(root, path[:-1]), path[-1]
    if holder is root:
        root[:] = [value]
    elif isinstance(holder, list):
        holder.insert(len(holder) if last == "-" else _index(last, len(holder) + 1), value)
    else:
        holder[last] = value


def _remove(root: Any, path: Sequence[str]) -> None:
    holder, last = _read(root, path[:-1]), path[-1]
    if holder is root:
        root[:] = [None]
    elif isinstance(holder, list):
        del holder[_index(last, len(holder))]
    else:
        del holder[last]
