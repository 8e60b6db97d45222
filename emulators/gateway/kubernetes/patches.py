"""Patches: JSON Merge Patch (RFC 7386) and JSON Patch (RFC 6902), as pure code."""

import copy
from collections.abc import Sequence
from typing import Any

from emulators.gateway.errors import GatewayError

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
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
        GatewayError: 400 for a directive that changes how lists are merged.
    """
    if not isinstance(patch, dict):
        return patch
    for key in patch:
        if key.startswith(_DIRECTIVES) and key != "$retainKeys":
            raise GatewayError(
                400, f"the patch's directive {key!r} is not understood", "send a merge patch"
            )
    return {key: plain(value) for key, value in patch.items() if key != "$retainKeys"}


def apply(target: Any, operations: Any) -> Any:
    """The target after a JSON Patch; it is itself not changed.

    Raises:
        GatewayError: 400 for what is no patch, 422 for a place that there is not, or a test that
            fails.
    """
    if not isinstance(operations, list):
        raise GatewayError(400, "a JSON Patch is an array of operations", "send [{op, path}]")
    root = [copy.deepcopy(target)]  # in a list, so that the root has a place of its own, too
    for number, operation in enumerate(operations):
        try:
            _step(root, operation)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            raise GatewayError(
                422, f"operation {number} of the patch cannot be done ({error or 'bad path'})",
                "look at the object as it is: kubectl get -o json",
            ) from error  # fmt: skip
    return root[0]


def _step(root: list[Any], operation: dict[str, Any]) -> None:
    name, path = operation["op"], _pointer(operation["path"])
    if name == "test":
        if _read(root, path) != operation["value"]:
            raise ValueError(f"{operation['path']} has another value")
    elif name == "add":
        _add(root, path, copy.deepcopy(operation["value"]))
    elif name == "replace":
        _read(root, path)
        _remove(root, path)
        _add(root, path, copy.deepcopy(operation["value"]))
    elif name == "remove":
        _remove(root, path)
    elif name in ("move", "copy"):
        source = _pointer(operation["from"])
        value = copy.deepcopy(_read(root, source))
        if name == "move":
            _remove(root, source)
        _add(root, path, value)
    else:
        raise ValueError(f"there is no operation {name!r}")


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise ValueError(f"{text!r} does not begin with /")
    parts = text.split("/")[1:]
    return ["0", *(part.replace("~1", "/").replace("~0", "~") for part in parts)]


def _index(part: str, length: int) -> int:
    if not part.isdigit() or int(part) >= length:
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
