"""The rooms of web: which may use which, and what reaches the outside."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter

import pytest

from tests.support.imports import ROOT, imported, imports_of, is_in, read_modules

WEB = ROOT / "web"
# What each room uses of web, beside itself. The first rooms are pure: values in, values out.
PURE: dict[str, set[str]] = {
    "addresses": set(),
    "client.plane_schemas": set(),
    "client.table_schemas": set(),
    "client.evaluation_schemas": set(),
    "client.schemas": {"client.table_schemas", "client.evaluation_schemas"},
    "client.plan_schemas": {"client.schemas", "client.table_schemas"},
    "client.registry_schemas": set(),
    "client.answer_schemas": set(),
    "client.batch_schemas": set(),
    "client.import_schemas": {"client.table_schemas"},
    "client.monitoring_schemas": set(),
    "client.alert_schemas": {"client.monitoring_schemas"},
    "client.report_schemas": set(),
    "client.errors": set(),
    "client.plain_words": set(),
    "client.account_schemas": {"client.plain_words"},
    "client.credentials": set(),
    "client.traces": set(),
    "views": {
        "client.schemas",
        "client.plan_schemas",
        "client.table_schemas",
        "client.account_schemas",
        "client.evaluation_schemas",
        "client.answer_schemas",
        "client.batch_schemas",
        "client.import_schemas",
        "client.registry_schemas",
        "client.plane_schemas",
        "client.monitoring_schemas",
        "client.alert_schemas",
        "client.report_schemas",
    },
    "forms": {
        *("client.schemas", "client.table_schemas", "client.plane_schemas", "client.errors"),
        *("client.alert_schemas", "client.import_schemas"),
        "views",
    },
}
MAY_USE: dict[str, set[str]] = PURE | {
    "administration": {"addresses"},
    "client": {"addresses", "administration"},
    "http": {"client.errors", "client.account_schemas", "client.credentials", "client.traces"},
    "realtime": {"client", "http"},
    "settings": {"addresses", "administration"},
    "lossy_log": set(),
    "logs": {"client.traces", "lossy_log"},
    "pages": {"client", "http", "realtime", "forms", "views", "settings"},
    "app": {"client", "http", "realtime", "forms", "views", "settings", "pages"},
    "main": {"app", "client", "http", "settings", "logs"},
}
# A module of the client for each.
RESOURCES = (
    *("datasets", "models", "prediction", "training", "sign_in", "accounts", "people"),
    *("keys", "plans", "activity", "system", "api", "monitoring", "alerts", "batches"),
    *("imports", "reports"),
)
OUTSIDE = {"flask", "werkzeug", "jinja2", "jinja2_fragments", "httpx", "httpcore", "socket", "os"}
# Imported with the first picture alone, or where spans are exported: they take time and memory that
# other pages do not need.
LATE = {"vl_convert", "web.http.spans"}


MODULES = read_modules("web")
IMPORTS = imports_of(MODULES)


def uses(module: str) -> set[str]:
    """Return the modules of web that a module imports, and the names of libraries.

    `from web.client import time_limits` names a module, `from web.settings import Settings` none.
    """
    names = (name if name in MODULES else name.split(".")[0] for name in IMPORTS[module])
    return set(names) - {module}


def room(module: str) -> str:
    """Return the room that a module of web belongs to: the most exact name in the table."""
    inside = module.removeprefix("web.")
    fitting = [name for name in MAY_USE if is_in(inside, name)]
    return max(fitting, key=len)


def reached(module: str) -> set[str]:
    """Return all that is loaded with a module, and what that loads."""
    seen, waiting = set(), {module}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting |= (uses(name) if name in MODULES else set()) - seen
    return seen - {module}


def packages() -> Iterator[str]:
    yield from (name for name, path in MODULES.items() if path.name == "__init__.py")


@pytest.mark.parametrize("module", sorted(set(MODULES) - set(packages())))
def test_a_module_keeps_to_its_room(module: str) -> None:
    own = room(module)
    allowed = MAY_USE[own] | {own}
    ours = {name.removeprefix("web.") for name in uses(module) if name in MODULES}

    assert {name for name in ours if not any(is_in(name, one) for one in allowed)} == set()


@pytest.mark.parametrize("pure", PURE)
def test_pure_rooms_reach_nothing_outside(pure: str) -> None:
    modules = [name for name in MODULES if is_in(name, f"web.{pure}")]
    assert modules
    for module in modules:
        assert reached(module) & OUTSIDE == set(), module


def test_the_client_knows_no_pages_server() -> None:
    for module in (name for name in MODULES if is_in(name, "web.client")):
        assert reached(module) & {"flask", "werkzeug", "jinja2"} == set(), module


def test_there_are_no_circles() -> None:
    graph = {module: {name for name in uses(module) if name in MODULES} for module in MODULES}
    order = list(TopologicalSorter(graph).static_order())

    assert set(order) == set(MODULES)
    assert order.index("web.client.errors") < order.index("web.app") < order.index("web.main")


@pytest.mark.parametrize("package", sorted(packages()))
def test_a_package_loads_nothing_by_itself(package: str) -> None:
    """Else a pure module would load its whole room."""
    body = ast.parse(MODULES[package].read_text()).body

    assert [type(node) for node in body] == [ast.Expr]


def test_imports_stand_at_the_top_but_for_heavy_libraries() -> None:
    late = {
        name
        for path in MODULES.values()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for name in imported(ast.unparse(node))
    }

    assert late == LATE


def test_the_readme_s_table_is_the_tree() -> None:
    text = (WEB / "README.md").read_text()
    rows = re.findall(r"^\| (`.+?) \| (.+) \| .* \|$", text.partition("## Where")[2], re.MULTILINE)
    told = {
        (place if place.endswith("/") else "", name)
        for first, what in rows
        for place in re.findall(r"`([\w./]+)`", first)[:1]
        for name in re.findall(r"`(\w+\.py)`", first + what)
    }
    tree = {
        (f"{path.relative_to(WEB).parts[0]}/" if path.parent != WEB else "", path.name)
        for path in MODULES.values()
        if path.name != "__init__.py"
    }
    by_resource = {one for one in tree if one[0] == "pages/"} | {
        ("client/", f"{name}.py") for name in RESOURCES
    }
    assert told <= tree
    assert tree - told <= by_resource
