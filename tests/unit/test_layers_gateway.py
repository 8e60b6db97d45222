"""Who may import whom within the gateway: layers, each of which knows those below it alone."""

import ast
from pathlib import Path

import pytest

from tests.support.imports import ROOT, circle, imported, module_of, read_modules

GATEWAY = "emulators.gateway"
FOLDER = ROOT / "emulators" / "gateway"

# What stands on nothing of the gateway's: refusals, files, tasks, limits of the machine.
FOUNDATION = {"errors", "disk", "tasks", "lossy_log", "open_files"}
PURE = {"errors", "model"}  # no disk, no tasks: nothing that happens
RULES = FOUNDATION | {"model", "specs"}
ROOMS = ("service", "service.configuration", "service.replicas", "service.deployments")
SERVICE = RULES | set(ROOMS)
# A layer is a folder or a module. What it may import besides itself:
MAY_IMPORT = {
    **{name: set[str]() for name in FOUNDATION},
    "model": {"errors"},
    "specs": PURE,
    "settings": PURE | {"specs"},
    **{room: RULES | set(ROOMS[:at]) for at, room in enumerate(ROOMS)},
    "metrics": SERVICE,  # counts the calls of functions
    "exposition": SERVICE | {"metrics"},
    "minutes": SERVICE | {"metrics"},  # adds the counts up
    "runtimes": SERVICE,
    "queue": SERVICE,
    "eventing": SERVICE | {"queue"},  # events lie in the queue's streams
    "http": SERVICE,
    "proxy": SERVICE | {"http", "metrics"},  # a call is HTTP on both sides, and is counted
    "apis": set[str](),
    "apis.admin": SERVICE | {"http"},
    "apis.kubernetes": SERVICE | {"http", "apis.admin"},
    "apis.openfaas": SERVICE | {"http", "apis.admin"},
    "apis.observing": SERVICE | {"http", "apis.admin", "minutes"},
    "apis.async_calls": SERVICE | {"http", "proxy", "queue", "apis.admin"},
    # Knative's objects are Kubernetes'; its triggers call functions as queued calls do.
    "apis.knative": SERVICE
    | {"http", "proxy", "eventing"}
    | {"apis.admin", "apis.kubernetes", "apis.async_calls"},
    "bootstrap": SERVICE
    | {
        "settings",
        "metrics",
        "minutes",
        "exposition",
        "runtimes",
        "queue",
        "eventing",
        "http",
        "proxy",
    }
    | {
        f"apis.{name}"
        for name in ("admin", "kubernetes", "openfaas", "observing", "async_calls", "knative")
    },
    "__main__": {"bootstrap", "settings", "lossy_log", "service.deployments"},
}
# What a model or a spec would need to reach the outside.
OUTSIDE = {"asyncio", "os", "socket", "httpx", "nats", "httptools", "subprocess", "structlog"}

# The kernel alone knows which addresses are this machine's: one is tried by binding to it.
EXCEPT = {"model/addresses.py": {"socket"}}


MODULES = read_modules("emulators/gateway")


def layer(module: str) -> str:
    """Return the layer that a module is in: the longest of the table's names that it is below."""
    within = module.removeprefix(f"{GATEWAY}.")
    names = [name for name in MAY_IMPORT if within == name or within.startswith(f"{name}.")]
    assert names, f"{module}: name its layer in MAY_IMPORT"
    return max(names, key=len)


def needed(module: str) -> set[str]:
    """Return the gateway's modules that one imports, anywhere in it, for types alone too."""
    found = {module_of(name, MODULES) for name in imported(MODULES[module].read_text())}
    return found & MODULES.keys() - {GATEWAY}


@pytest.mark.parametrize("module", [name for name in MODULES if name != GATEWAY])
def test_each_module_imports_what_is_below_it(module: str) -> None:
    own = layer(module)
    above = {name for name in needed(module) if layer(name) not in MAY_IMPORT[own] | {own}}
    assert above == set()


def test_the_table_itself_has_no_circle() -> None:
    below = {name: allowed - {name} for name, allowed in MAY_IMPORT.items()}
    assert circle(below) == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circle({module: needed(module) - {module} for module in MODULES}) == []


def test_every_line_of_the_table_is_needed() -> None:
    used: dict[str, set[str]] = {name: set() for name in MAY_IMPORT}
    for module in MODULES.keys() - {GATEWAY}:
        used[layer(module)] |= {layer(name) for name in needed(module)}
    unneeded = {
        f"{name}: {other}"
        for name, allowed in MAY_IMPORT.items()
        for other in allowed - SERVICE - used[name]
    }
    assert unneeded == set()


@pytest.mark.parametrize(
    "path",
    [path for pure in ("model", "specs") for path in sorted((FOLDER / pure).glob("*.py"))],
    ids=lambda path: str(path.relative_to(FOLDER)),
)
def test_models_and_specs_reach_nothing_outside(path: Path) -> None:
    names = {name.partition(".")[0] for name in imported(path.read_text())}
    assert names & OUTSIDE == EXCEPT.get(str(path.relative_to(FOLDER)), set())


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert set(circle({"a": {"b"}, "b": {"a"}, "c": {"a"}})) == {"a", "b"}


def test_an_import_for_types_alone_is_seen() -> None:
    assert "emulators.gateway.proxy.told.spans" in needed("emulators.gateway.proxy.calls")


@pytest.mark.parametrize(
    "path", sorted((FOLDER / "bootstrap").glob("*.py")), ids=lambda path: str(path.stem)
)
def test_nothing_is_assigned_into_a_part_that_was_made(path: Path) -> None:
    """Parts get what they need when they are made; the root only keeps them."""
    targets = [
        target
        for node in ast.walk(ast.parse(path.read_text()))
        for target in getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(target, ast.Attribute)
    ]
    foreign = [ast.unparse(t) for t in targets if ast.unparse(t.value) != "self"]
    assert foreign == []


def test_no_method_is_left_to_others() -> None:
    """What differs is a part of its own with a Protocol, not a method that others override."""
    held = [
        path
        for path in (ROOT / "emulators").rglob("*.py")
        if "NotImplementedError" in path.read_text()
    ]
    assert held == []
