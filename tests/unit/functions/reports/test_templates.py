"""Notebooks are made of programs that linters read, and stand for themselves."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from functions.reports.adapters import templates
from functions.reports.adapters.workshop import TEMPLATES
from functions.reports.notebooks import marks

NAMES = sorted(TEMPLATES.values())
MODULES = sorted(
    path.stem
    for path in Path(marks.__file__).parent.glob("*.py")
    if path.stem not in {"__init__", *NAMES}
)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_needs_nothing_of_ours(name):
    cells = [cell for cell in templates.notebook_of(name).cells if cell.cell_type == "code"]
    for cell in cells:
        compile(cell.source, name, "exec")
        assert "functions.reports" not in cell.source
    assert len({cell.id for cell in cells}) == len(cells)


@pytest.mark.parametrize("name", NAMES)
def test_helpers_come_before_those_that_need_them(name):
    cells = templates.notebook_of(name).cells
    helpers = [cell for cell in cells if "helper" in cell.metadata.get("tags", [])]
    known: set[str] = set()
    found = templates.modules_of((Path(marks.__file__).parent / f"{name}.py").read_text())
    assert len(helpers) == len(found) >= 5
    for module in found:
        text = (Path(marks.__file__).parent / f"{module}.py").read_text()
        assert set(templates.modules_of(text)) <= known
        known.add(module)


def test_no_two_modules_give_one_name_to_two_things():
    """In a notebook they share one room."""
    told: Counter[str] = Counter()
    for module in MODULES:
        tree = ast.parse((Path(marks.__file__).parent / f"{module}.py").read_text())
        told.update({name for node in tree.body for name in _names(node)})
    assert len(told) > 60
    assert [name for name, count in told.items() if count > 1] == []


def _names(node):
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [
            one.id
            for target in node.targets
            for one in ast.walk(target)
            if isinstance(one, ast.Name)
        ]
    return []


def test_every_module_is_in_a_notebook():
    used = {
        module
        for name in NAMES
        for module in templates.modules_of((Path(marks.__file__).parent / f"{name}.py").read_text())
    }
    assert sorted(used) == MODULES


@pytest.mark.parametrize("name", NAMES)
def test_markdown_cells_are_headings_and_paragraphs_alone(name):
    """What sets pages knows no more of Markdown."""
    texts = [cell.source for cell in templates.notebook_of(name).cells if cell.cell_type != "code"]
    assert texts
    assert [text for text in texts if re.search(r"[*_`<>\[\]|]|^[-\d]", text, re.MULTILINE)] == []
