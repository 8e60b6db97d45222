"""Notebooks made of templates: programs whose cells stand for themselves.

A template is a program in Jupytext's percent format beside the modules that its cells use. What a
cell imports of these is put in before it, so that whoever downloads the notebook can run it
anywhere, and change it. Nothing that a caller said is in it: that lies beside it, in `facts.json`.
"""

import ast
from pathlib import Path
from typing import Any

PACKAGE = "functions.reports.notebooks"
FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook_of(template: str) -> Any:
    """Return the notebook of a template, not carried out yet: an nbformat node.

    Args:
        template: the name of its module.
    """
    import jupytext  # noqa: PLC0415 - heavy, and of the process that runs notebooks alone
    import nbformat  # noqa: PLC0415 - as above

    found = jupytext.reads(_source(template), fmt="py:percent")
    cells: list[Any] = []
    for cell in found.cells:
        if cell.cell_type == "code":
            cells += [_helper(nbformat, name) for name in modules_of(cell.source)]
            cell.source = _without_imports(cell.source)
        cells.append(cell)
    for place, cell in enumerate(cells):
        cell.id = f"cell-{place:02d}"
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def modules_of(source: str) -> list[str]:
    """Return the modules beside the templates that a source needs, those first that others need."""
    found: dict[str, None] = {}

    def visit(text: str) -> None:
        for name in _imported(text):
            if name not in found:
                visit(_source(name))
                found[name] = None

    visit(source)
    return list(found)


def _helper(nbformat: Any, name: str) -> Any:
    """Return a cell that has a module's code; what shows notebooks may fold it."""
    cell = nbformat.v4.new_code_cell(_without_imports(_source(name)))
    cell.metadata = {"jupyter": {"source_hidden": True}, "tags": ["helper"]}
    return cell


def _source(name: str) -> str:
    return (FOLDER / f"{name}.py").read_text()


def _imported(source: str) -> list[str]:
    return [
        node.module.removeprefix(f"{PACKAGE}.")
        for node in ast.parse(source).body
        if isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module)
    ]


def _is_ours(module: str) -> bool:
    return module.startswith(f"{PACKAGE}.")


def _without_imports(source: str) -> str:
    """Return a source without its imports of modules beside the templates."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            for line in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[line] = ""
    return "\n".join(lines).strip("\n")
