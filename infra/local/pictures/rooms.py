"""The rooms of a part of the code, and who imports whom, as the source of a picture.

A room is a package; what it is for is the first sentence of its docstring. So a picture of
components needs no drawing by hand, and cannot tell of a room that is gone.
"""

import ast
import textwrap
from collections.abc import Collection, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from infra.local.settings import ROOT

PARTS = (
    *(
        f"functions/{name}"
        for name in (
            *("accounts", "datasets", "training", "models"),
            *("prediction", "monitoring", "reports", "kit"),
        )
    ),
    *(f"emulators/{name}" for name in ("firestore", "storage", "broker", "gateway", "kit")),
    *("web", "infra/local"),
)
"""The parts of the system, as folders from the root: a picture for each."""
WIDTH = 34
"""Characters in a line of a box."""


class Room(NamedTuple):
    """A package: its folder from the root, and the first sentence of its docstring."""

    folder: str
    purpose: str


def rooms(part: str) -> list[Room]:
    """Return the rooms of a part, itself first."""
    found = sorted(path.parent for path in (ROOT / part).rglob("__init__.py"))
    return [
        Room(folder.relative_to(ROOT).as_posix(), _purpose(folder / "__init__.py"))
        for folder in found
        if "node_modules" not in folder.parts
    ]


def edges(part: str, among: Collection[str]) -> dict[str, set[str]]:
    """Return which room imports which, told where both stand side by side.

    An import from one layer's room to another's is an arrow between the layers; what follows
    from other arrows is left out.

    Args:
        part: its folder.
        among: folders of its rooms.
    """
    found: dict[str, set[str]] = {folder: set() for folder in among}
    for path in sorted((ROOT / part).rglob("*.py")):
        here = path.parent.relative_to(ROOT).as_posix()
        if here not in found:
            continue
        for name in _imported(path):
            start, end = _side_by_side(here, _folder(name))
            if not _is_in(start, end) and not _is_in(end, start) and {start, end} <= found.keys():
                found[start].add(end)
    return reduced(found)


def reduced(graph: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Return a graph without arrows that a longer way says, too; circles keep theirs."""
    reach = {node: _reached(graph, node) for node in graph}

    def said(start: str, end: str) -> bool:
        return any(
            end in reach[over] and start not in reach[over] and over not in reach[end]
            for over in graph[start]
            if over != end
        )

    return {node: {end for end in to if not said(node, end)} for node, to in graph.items()}


def _reached(graph: Mapping[str, Collection[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += graph[node]
    return found


def _side_by_side(one: str, other: str) -> tuple[str, str]:
    """Return the folders that hold two, within the innermost that holds both."""
    first, second = one.split("/"), other.split("/")
    pairs = zip(first, second, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return "/".join(first[: same + 1]), "/".join(second[: same + 1])


def drawing(part: str) -> str:
    """Return a part as the text of a picture: a box for each room, an arrow for imports."""
    [whole, *inner] = rooms(part)
    drawn = inner or [whole]
    links = edges(part, {room.folder for room in drawn})
    parents = {room.folder.rpartition("/")[0] for room in inner} - {part}
    ids = {room.folder: _id(room.folder, parents) for room in drawn}
    lines = ["...@style", "direction: down", f'title: "{part}: {_text(whole.purpose)}" {{', *TITLE]
    lines += [line for room in drawn for line in _box(room, ids, parents)]
    lines += [
        f"{ids[start]} -> {ids[end]}" for start in ids for end in sorted(links[start]) if end in ids
    ]
    return "\n".join(lines) + "\n"


TITLE = ("  class: title", "}")


def _box(room: Room, ids: Mapping[str, str], parents: Collection[str]) -> Iterator[str]:
    name = room.folder.rpartition("/")[2]
    wide = WIDTH * 3 if room.folder in parents else WIDTH
    words = "\\n".join(textwrap.wrap(_text(room.purpose), wide))
    yield f'{ids[room.folder]}: "{name}\\n{words}" {{'
    if room.folder in parents:
        yield from ("  class: layer", "  label.near: top-center", "}")
    else:
        yield from ("  class: room", "}")


def _id(folder: str, parents: Collection[str]) -> str:
    """Return the place of a box: within those that hold it."""
    outer = sorted((one for one in parents if folder.startswith(f"{one}/")), key=len)
    return ".".join([*outer, folder])


def _is_in(inner: str, outer: str) -> bool:
    return f"{inner}/".startswith(f"{outer}/")


def _text(words: str) -> str:
    return words.replace('"', "'").replace("`", "").rstrip(".")


def _purpose(path: Path) -> str:
    told = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(told.partition("\n\n")[0].split())


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _folder(name: str) -> str:
    """Return the folder, from the root, of the package that a name is in."""
    place = Path(*name.split("."))
    while place.parts and not (ROOT / place).is_dir():
        place = place.parent
    return place.as_posix()
