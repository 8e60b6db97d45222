"""Finds the route of a path: a tree of the paths' segments.

werkzeug's map compiles a piece of Python for each rule: more than a millisecond a route, all of it
part of every cold start.
"""

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")

LONGEST_KNOWN = 300  # characters
MOST_KNOWN = 1_000


class _Node(Generic[T]):
    __slots__ = ("any", "names", "routes")

    def __init__(self) -> None:
        self.names: dict[str, _Node[T]] = {}
        self.any: _Node[T] | None = None
        self.routes: dict[str, tuple[T, list[str]]] = {}


class Router(Generic[T]):
    """Routes by method and path; `{name}` in a path stands for any one segment.

    A segment's own name is preferred to a parameter. A slash at the end makes no difference. Where
    short paths led is remembered, as long as they are few.
    """

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self._known: dict[tuple[str, str], tuple[T, dict[str, Any]]] = {}

    def add(self, method: str, path: str, route: T) -> None:
        """Register a route; a later one of the same method and path replaces it."""
        node, parameters = self._root, []
        for segment in _segments(path):
            if segment.startswith("{"):
                parameters.append(segment[1:-1])
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.names.setdefault(segment, _Node())
        node.routes[method] = (route, parameters)
        self._known.clear()

    def find(self, method: str, path: str) -> tuple[T, dict[str, Any]] | None:
        """Return the route and the parameters in `path`, which are not to be changed; or None."""
        found = self._known.get((method, path))
        return self._look(method, path) if found is None else found

    def _look(self, method: str, path: str) -> tuple[T, dict[str, Any]] | None:
        values: list[str] = []
        leaf = _find(self._root, _segments(path), 0, method, values)
        if leaf is None:
            return None
        found = (leaf[0], dict(zip(leaf[1], values, strict=True)))
        if len(path) <= LONGEST_KNOWN:
            if len(self._known) >= MOST_KNOWN:  # paths are the callers' to choose
                self._known.clear()
            self._known[method, path] = found
        return found

    def methods(self, path: str) -> list[str]:
        """Return the methods that `path` takes."""
        found = _walk(self._root, _segments(path), 0)
        return sorted({method for node in found for method in node.routes})


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").removesuffix("/").split("/")


def _find(
    node: _Node[T], segments: list[str], at: int, method: str, values: list[str]
) -> tuple[T, list[str]] | None:
    """Return the route of `method` that the segments lead to; put its parameters into `values`."""
    if at == len(segments):
        return node.routes.get(method)
    segment = segments[at]
    named = node.names.get(segment)
    if named is not None:
        found = _find(named, segments, at + 1, method, values)
        if found is not None:
            return found
    if node.any is None or not segment:
        return None
    values.append(segment)
    found = _find(node.any, segments, at + 1, method, values)
    if found is None:
        values.pop()
    return found


def _walk(node: _Node[T], segments: list[str], at: int) -> Iterator[_Node[T]]:
    """Give each node that the segments lead to."""
    if at == len(segments):
        yield node
        return
    segment = segments[at]
    if segment in node.names:
        yield from _walk(node.names[segment], segments, at + 1)
    if node.any is not None and segment:
        yield from _walk(node.any, segments, at + 1)
