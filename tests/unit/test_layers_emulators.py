"""The layers of the Firestore and storage emulators: who may import whom inside each of them.

model ← service ← adapters, transport ← main. Imports for types alone count as well: they tie
modules together as any other.
"""

from collections.abc import Mapping, Sequence

import pytest

from tests.support.imports import ROOT, circle, imported, is_in

FIRESTORE, STORAGE, KIT = "emulators.firestore", "emulators.storage", "emulators.kit"
# Each layer with those that it may import besides itself, and what is within either. A module
# belongs to the longest name that fits.
LAYERS: dict[str, dict[str, tuple[str, ...]]] = {
    FIRESTORE: {
        "": ("model", "service", "adapters", "transport"),  # what puts it together and runs it
        "model": (),
        "service": ("model",),
        "adapters": ("model", "service"),
        "adapters.sqlite": ("model", "service"),
        "transport": ("model", "service"),
        "transport.limits": (),
        "transport.statuses": ("model",),
        "transport.calls": ("model", "service", "transport.statuses"),
        "transport.http": ("model", "service", "transport.calls", "transport.limits"),
        "transport.pages": ("model", "service", "transport.http"),
    },
    STORAGE: {
        "": ("model", "service", "adapters", "transport"),  # what puts it together and runs it
        "model": (),
        "service": ("model",),
        "adapters": ("model", "service"),
        "transport": ("model", "service", "transport.http"),
        "transport.http": (),
    },
    KIT: {
        "": (),
        "secret_files": ("durable_files",),
        "durable_files": (),
    },
}
# Of layers that are pure, or leave the outside to others: what they must not know.
OUTSIDE = {"grpc", "httptools", "jinja2", "os", "shutil", "socket", "sqlite3", "tempfile", "uvloop"}
OUTSIDE |= {"http", "urllib.request"}
FORBIDDEN = {
    (FIRESTORE, "model"): OUTSIDE | {"asyncio", "pathlib", "time"},
    (FIRESTORE, "service"): OUTSIDE,
    (FIRESTORE, "adapters"): {"grpc", "httptools", "jinja2", "uvloop"},
    (FIRESTORE, "transport"): {"sqlite3", "shutil", "tempfile", "urllib.request"},
    (STORAGE, "model"): OUTSIDE | {"asyncio", "pathlib", "time"},
    (STORAGE, "service"): OUTSIDE,
    (STORAGE, "adapters"): {"http", "httptools", "socket"},
    (STORAGE, "transport"): {"sqlite3", "shutil", "tempfile", "urllib.request"},
}
PARTS = sorted(LAYERS)


def modules(part: str) -> dict[str, str]:
    """Return the sources of a part's modules by their names within it."""
    folder = ROOT / part.replace(".", "/")
    return {
        ".".join(path.relative_to(folder).with_suffix("").parts): path.read_text()
        for path in sorted(folder.rglob("*.py"))
        if path.name != "__init__.py"
    }


def within(part: str, sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Return which of a part's modules each of them imports."""
    found: dict[str, set[str]] = {}
    for name, source in sources.items():
        ours = (one.removeprefix(f"{part}.") for one in imported(source) if one.startswith(part))
        found[name] = {module for one in ours for module in sources if is_in(one, module)}
    return found


def layer(name: str, layers: Sequence[str]) -> str:
    """Return the layer that a module belongs to."""
    return max((one for one in layers if not one or is_in(name, one)), key=len)


def trespasses(part: str, sources: Mapping[str, str]) -> list[str]:
    """Return the imports that the table of layers does not allow."""
    table = LAYERS[part]

    def allowed(name: str, target: str) -> bool:
        own = layer(name, list(table))
        there = layer(target, list(table))
        return there == own or any(is_in(there, one) for one in (own, *table[own]))

    return sorted(
        f"{name} imports {target}"
        for name, targets in within(part, sources).items()
        for target in targets
        if not allowed(name, target)
    )


def strangers(part: str, sources: Mapping[str, str]) -> list[str]:
    """Return the imports of what a layer must not know."""
    return sorted(
        f"{name} imports {one}"
        for (owner, room), unknown in FORBIDDEN.items()
        if owner == part
        for name, source in sources.items()
        if is_in(name, room)
        for one in imported(source)
        if any(is_in(one, module) for module in unknown)
    )


@pytest.mark.parametrize("part", PARTS)
def test_each_layer_imports_those_below_it_alone(part: str) -> None:
    sources = modules(part)
    assert len(sources) >= 5
    assert trespasses(part, sources) == []


@pytest.mark.parametrize("part", PARTS)
def test_no_layer_knows_what_is_the_matter_of_another(part: str) -> None:
    assert strangers(part, modules(part)) == []


@pytest.mark.parametrize("part", PARTS)
def test_there_are_no_circles(part: str) -> None:
    graph = within(part, modules(part))
    assert sum(map(len, graph.values())) >= 1
    assert circle(graph) == []


@pytest.mark.parametrize("part", PARTS)
def test_every_layer_of_the_table_is_there(part: str) -> None:
    sources = modules(part)
    homes = {layer(name, list(LAYERS[part])) for name in sources}
    assert homes == set(LAYERS[part])
    rooms = [room for owner, room in FORBIDDEN if owner == part]
    assert all(any(is_in(name, room) for name in sources) for room in rooms)


def test_what_breaks_a_rule_is_found() -> None:
    sources = {
        "model.paths": "import sqlite3",
        "service.clock": "if x:\n    from emulators.firestore.adapters.memory import MemoryStore",
        "adapters.memory": "def f():\n    from emulators.firestore.service import clock",
        "transport.limits": "from urllib.request import urlopen",
    }
    assert trespasses(FIRESTORE, sources) == ["service.clock imports adapters.memory"]
    assert strangers(FIRESTORE, sources) == [
        "model.paths imports sqlite3",
        "transport.limits imports urllib.request.urlopen",
    ]
    assert set(circle(within(FIRESTORE, sources))) == {"service.clock", "adapters.memory"}
