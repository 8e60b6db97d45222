"""The configuration as a page: every environment variable that the code names."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from infra.local.settings import ROOT
from infra.local.site.reference.markdown import code, table

PARTS = ("functions", "web", "emulators", "infra")
VARIABLE = re.compile(
    r"(?:MAYFLY|GATEWAY|FIRESTORE|STORAGE|NATS|OTEL|GOOGLE|FUNCTION|OPENFAAS)_[A-Z0-9_]*[A-Z0-9]|PORT|THREADS"
)
_LONGEST = 60


class Read(NamedTuple):
    """A variable that a module names: whose it is, and the usual value as it stands in the code."""

    name: str
    part: str
    file: Path
    usual: str


def page(pages: Mapping[Path, str]) -> str:
    """Return the page.

    Args:
        pages: texts of the documentation by their path from the root; those that name a variable
            are linked.
    """
    found: dict[str, list[Read]] = defaultdict(list)
    for one in reads():
        found[one.name].append(one)
    rows = [_row(name, of, pages) for name, of in sorted(found.items())]
    told = (
        "Every variable that the code names, with what counts without it, as the code says it. A "
        "value that cannot be meant ends the start, and the message names it. What each does is "
        "told where the last column leads."
    )
    head = ("variable", "in", "usual", "told in")
    return "\n".join(["# Configuration", "", told, "", *table(head, rows)])


def _row(name: str, of: list[Read], pages: Mapping[Path, str]) -> tuple[str, ...]:
    usual = dict.fromkeys(one.usual for one in of if one.usual and len(one.usual) < _LONGEST)
    word = re.compile(rf"\b{name}\b")
    links = [
        f"[{path.parent if path.name == 'README.md' and path.parent.name else path}](../../{path})"
        for path, text in pages.items()
        if word.search(text) and path.name != "CHANGELOG.md" and "adr" not in path.parts
    ]
    parts = ", ".join(dict.fromkeys(one.part for one in of))
    return code(name), parts, ", ".join(map(code, usual)), ", ".join(links[:3])


@cache
def reads() -> tuple[Read, ...]:
    """Return every reading of a variable in the code, by file."""
    files = (file for part in PARTS for file in sorted((ROOT / part).rglob("*.py")))
    return tuple(one for file in files if "node_modules" not in file.parts for one in _in(file))


def _in(file: Path) -> Iterator[Read]:
    path = file.relative_to(ROOT)
    part = "/".join(path.parts[: 1 if path.parts[0] == "web" else 2])
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            yield from (Read(name, part, path, usual) for name, usual in _of_call(node))
        elif (name := _variable(node)) is not None:
            yield Read(name, part, path, "")


def _of_call(node: ast.Call) -> Iterator[tuple[str, str]]:
    """Yield a variable that a call is given, and the default behind it as text."""
    for place, given in enumerate(node.args):
        if (name := _variable(given)) is not None:
            named = [one.value for one in node.keywords if one.arg == "default"]
            behind = [one for one in node.args[place + 1 :] if not _is_a_cast(one)]
            usual = [*behind[-1:], *named]
            yield name, ast.unparse(usual[-1]) if usual else ""


def _is_a_cast(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and not node.id.isupper()


def _variable(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if VARIABLE.fullmatch(node.value) else None
    return None
