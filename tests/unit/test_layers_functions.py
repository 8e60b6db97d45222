"""Which layer of the functions may know what: model ← service ← adapters and transport ← main.

A rule is a row of `RULES`.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from tests.support.imports import circle, imported, imports_of, is_in, read_modules

Imports = Mapping[str, frozenset[str]]

WEB = ("flask", "werkzeug", "functions_framework", "granian")
GOOGLE = ("google.cloud", "google.api_core", "google.auth", "firebase_admin", "grpc")
WIRE = ("google.protobuf",)  # a form of bytes, which calls nobody
CLIENTS = ("httpx", "requests", "urllib3", "urllib.request", "http.client", "socket")
OUTSIDE = (*WEB, *GOOGLE, *WIRE, *CLIENTS)
KIT_EDGES = ("kit.http", "kit.grpc", "kit.aws", "kit.adapters")
EDGES = ("adapters", "transport", "main", *KIT_EDGES)


class Rule(NamedTuple):
    """What a layer does not know; `deep`: nor by way of a module that it imports."""

    layers: tuple[str, ...]
    libraries: tuple[str, ...]
    deep: bool


RULES = {
    "kit.contract": Rule(("model", "learning", "service", "kit.service", *EDGES), OUTSIDE, True),
    "kit.lazy": Rule(("model", "learning", "service", "kit.service", *EDGES), OUTSIDE, True),
    "model": Rule(("service", "kit.service", *EDGES), OUTSIDE, True),
    "learning": Rule(("service", "kit.service", *EDGES), OUTSIDE, True),
    # What cells of notebooks are made of: it goes out with them, and runs where nothing of ours is.
    "notebooks": Rule(
        ("model", "learning", "service", "kit.service", "kit.contract", *EDGES), OUTSIDE, True
    ),
    "kit.service": Rule(("model", "learning", "service", *EDGES), OUTSIDE, True),
    "service": Rule(EDGES, OUTSIDE, True),
    # What carries a request knows Flask, and `kit.http` knows the kit's adapters; it does not.
    "transport": Rule(("adapters", "main", "kit.adapters"), (*GOOGLE, *CLIENTS), False),
    "adapters": Rule(("transport", "main"), WEB, False),
    "kit.adapters": Rule(("adapters", "transport", "main"), WEB, False),
}


MODULES = read_modules("functions")


IMPORTS = imports_of(MODULES)


def layer_of(module: str) -> str:
    """Return the layer of a module, as `RULES` calls it; empty for a package, or none of ours."""
    names = module.split(".")
    if module not in MODULES or len(names) < 3:
        return ""
    _, part, name, *_ = names
    if part == "kit":
        return f"kit.{name}"
    return "main" if name == "wiring" else name


def reached(module: str, imports: Imports, *, deep: bool) -> dict[str, list[str]]:
    """Return what a module imports, `deep` by way of others too, each with the way to it."""
    ways = {name: [module, name] for name in imports[module]}
    waiting = list(ways) if deep else []
    while waiting:
        at = waiting.pop()
        for name in imports.get(at, frozenset()) - ways.keys():
            ways[name] = [*ways[at], name]
            waiting.append(name)
    return ways


def broken(module: str, imports: Imports = IMPORTS) -> list[list[str]]:
    """Return the ways by which a module comes to what its layer does not know."""
    rule = RULES[layer_of(module)]
    return [
        way
        for name, way in reached(module, imports, deep=rule.deep).items()
        if layer_of(name) in rule.layers or any(is_in(name, one) for one in rule.libraries)
    ]


RULED = [module for module in MODULES if layer_of(module) in RULES]


@pytest.mark.parametrize("module", RULED)
def test_a_layer_knows_only_those_beneath_it(module: str) -> None:
    assert broken(module) == []


def test_nothing_imports_itself_by_whatever_way() -> None:
    assert circle(IMPORTS) == []


def test_every_layer_has_a_rule() -> None:
    layers = {layer_of(module) for module in MODULES} - {""}
    assert layers - RULES.keys() == {"main", "kit.http", "kit.grpc", "kit.aws"}
    assert RULES.keys() - layers == set()


def test_packages_are_names_alone() -> None:
    """What a package imports, each of its modules would."""
    packages = [module for module, path in MODULES.items() if path.name == "__init__.py"]
    assert {module: IMPORTS[module] for module in packages if IMPORTS[module]} == {}


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("functions.kit.contract.requests.names", "functions.kit.http.responses.etags"),
        ("functions.kit.contract.requests.names", "functions.kit.adapters.clock"),
        ("functions.kit.service.sweeper", "google.cloud.storage"),
        ("functions.datasets.model.cells", "flask.Request"),
        ("functions.datasets.model.cells", "functions.datasets.service.ports"),
        ("functions.training.learning.plan", "functions.kit.http.routing.router"),
        ("functions.datasets.service.records", "functions.datasets.adapters.tables.files"),
        ("functions.prediction.service.predictions", "httpx.Client"),
        ("functions.training.service.jobs", "functions.training.transport.events"),
        ("functions.models.service.registry", "functions.models.adapters.store"),
        ("functions.models.transport.routes", "functions.models.adapters.store"),
        ("functions.datasets.transport.routes", "functions.kit.adapters.stores.storage"),
        ("functions.datasets.adapters.tables.files", "functions.datasets.transport.upload"),
    ],
)
def test_the_rules_themselves(module: str, name: str) -> None:
    planted = {**IMPORTS, module: IMPORTS[module] | {name}}
    assert [module, name] in broken(module, planted)


def test_what_a_layer_knows_by_way_of_another_is_seen() -> None:
    cells = "functions.datasets.model.cells"
    planted = {**IMPORTS, cells: IMPORTS[cells] | {"google.cloud.storage.Client"}}
    way = ["functions.datasets.service.files.importing", cells, "google.cloud.storage.Client"]
    assert way in broken("functions.datasets.service.files.importing", planted)


def test_a_late_import_is_seen() -> None:
    source = "if TYPE_CHECKING:\n    import flask\ndef f():\n    from google.cloud import storage\n"
    assert set(imported(source)) == {"flask", "google.cloud.storage"}


def test_a_circle_is_seen() -> None:
    one, other = "functions.kit.contract.requests.names", "functions.kit.contract.requests.pages"
    planted = {**IMPORTS, one: IMPORTS[one] | {other}}
    assert {one, other} <= set(circle(planted))
