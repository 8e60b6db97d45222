"""Who imports whom, read from the sources: what the tests of layers stand on.

Imports inside functions and under TYPE_CHECKING count as well: what knows a name is tied to it.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Graph = Mapping[str, Collection[str]]


def read_modules(*folders: str) -> dict[str, Path]:
    """Return every module of ours below folders (from the root) by its full name."""
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return {name_of(path): path for path in paths if "node_modules" not in path.parts}


def name_of(path: Path) -> str:
    """Return the full name of a module, or of the package whose `__init__.py` it is."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def imported(source: str) -> Iterator[str]:
    """Yield every name that a source imports, anywhere in it, by its full name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports break under functions-framework"
            # `from functions import kit` imports functions.kit.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module_of(name: str, modules: Collection[str]) -> str:
    """Return the one of `modules` that an imported name leads to, or the name as it is."""
    place = name
    while place:
        if place in modules:
            return place
        place = place.rpartition(".")[0]
    return name


def imports_of(modules: Mapping[str, Path]) -> dict[str, frozenset[str]]:
    """Return what each module imports: modules by their names, other things by theirs."""
    return {
        module: frozenset(module_of(name, modules) for name in imported(path.read_text()))
        for module, path in modules.items()
    }


def is_in(name: str, package: str) -> bool:
    """Tell whether a name is a package's, or the package's own."""
    return name == package or name.startswith(f"{package}.")


def circle(graph: Graph) -> list[str]:
    """Return a circle of imports, with its first module at both ends; empty where there is none."""
    ours = {module: set(names) & graph.keys() - {module} for module, names in graph.items()}
    try:
        TopologicalSorter(ours).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []
