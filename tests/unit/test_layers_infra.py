"""Which layer of the launcher may know which; and nothing imports in a circle."""

import sys
from collections.abc import Mapping

import pytest

from tests.support.imports import circle, imports_of, read_modules

PREFIX = "infra.local."
Imports = Mapping[str, frozenset[str]]

# Layer → its modules below infra.local (a folder is all that lies in it), and the layers it knows.
LAYERS = {
    "setup": ("bootstrap", "installed"),
    "base": (
        "errors",
        "key_file",
        "model_template",
        "other_templates",
        "nearest",
        "platforms",
        "schemas",
        "settings",
        "templates",
    ),
    "tools": ("tools",),
    "system": ("system",),
    "health": ("health",),
    "deploying": ("deploying",),
    "targets": ("targets",),
    "cloud": ("cloud",),
    "calling": ("calling",),
    "stack": ("stack",),
    "demo": ("demo",),
    "backups": ("backups",),
    "moving": ("moving",),
    "pictures": ("pictures",),
    "site": ("site",),
    "releasing": ("releasing",),
    "commands": ("commands",),
    "main": ("catalogue", "cli", "__main__"),
}
KNOWS = {
    "setup": (),
    "base": (),
    "tools": ("base",),
    "system": ("base",),
    "health": ("base", "system"),
    "deploying": ("base",),
    "targets": ("base", "deploying"),
    "cloud": ("base", "targets", "moving"),
    "calling": ("base",),
    "stack": ("base", "system", "health", "deploying", "calling"),
    "demo": ("base", "calling"),
    "backups": ("base", "system", "stack"),
    "moving": ("base", "system", "stack", "backups"),
    "pictures": ("base",),
    "site": ("base", "pictures"),
    "releasing": ("base",),
    "commands": (
        "setup",
        "base",
        "tools",
        "system",
        "health",
        "deploying",
        "targets",
        "cloud",
        "calling",
        "stack",
        "demo",
        "backups",
        "moving",
        "pictures",
        "site",
        "releasing",
    ),
    "main": ("base",),  # it loads a command by its name, when that is called
}
# Who may use a library: the others are told what they need in their own words.
LIBRARIES = {
    "click": {"commands", "main", "site", "tools"},
    "rich": {"commands", "demo", "stack"},
    "httpx": {"commands", "demo", "deploying", "calling"},
    "yaml": {"deploying", "targets"},
    "playwright": {"pictures"},
    "cyclonedx": {"releasing"},
}


MODULES = read_modules("infra", "benchmarks", "tests/support")


IMPORTS = imports_of(MODULES)
LAUNCHER = sorted(name for name in MODULES if name.startswith(PREFIX))


def layer_of(module: str) -> str:
    """Return the one layer that a module of the launcher lies in."""
    first = module.removeprefix(PREFIX).partition(".")[0]
    [layer] = [layer for layer, held in LAYERS.items() if first in held]
    return layer


def broken(module: str, imports: Imports) -> list[str]:
    """Return what a module imports and its layer does not know."""
    layer = layer_of(module)
    allowed = {layer, *KNOWS[layer]}
    return [
        name
        for name in sorted(imports[module])
        if (name.startswith(PREFIX) and layer_of(name) not in allowed)
        or layer not in LIBRARIES.get(name.partition(".")[0], {layer})
    ]


@pytest.mark.parametrize("module", LAUNCHER)
def test_a_module_imports_only_what_its_layer_knows(module: str) -> None:
    assert broken(module, IMPORTS) == []


def test_every_layer_has_its_modules() -> None:
    assert KNOWS.keys() == LAYERS.keys()
    assert {layer_of(module) for module in LAUNCHER} == LAYERS.keys()


def test_no_imports_go_in_a_circle() -> None:
    assert len(IMPORTS) > 100
    assert circle(IMPORTS) == []


def test_what_makes_the_environment_needs_nothing_of_it() -> None:
    """A bare Python runs it, before anything is installed."""
    names = {name.partition(".")[0] for name in IMPORTS["infra.local.bootstrap"]}
    assert names - sys.stdlib_module_names == set()


def test_the_rules_themselves() -> None:
    upwards = {"infra.local.stack.parts": frozenset({"infra.local.commands.up"})}
    library = {"infra.local.stack.parts": frozenset({"click"})}
    fine = {"infra.local.stack.parts": frozenset({"infra.local.health.probes", "rich.console"})}
    assert broken("infra.local.stack.parts", upwards) == ["infra.local.commands.up"]
    assert broken("infra.local.stack.parts", library) == ["click"]
    assert broken("infra.local.stack.parts", fine) == []
    round_trip = {"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"a", "d"})}
    assert set(circle(round_trip)) == {"a", "b", "c"}
    assert circle({"a": frozenset({"b"}), "b": frozenset({"d"})}) == []
