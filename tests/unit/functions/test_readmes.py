"""Each README beside a function tells where things are: its table names every module."""

import re
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).resolve().parents[3] / "functions"
PARTS = sorted(found.parent.name for found in FUNCTIONS.glob("*/README.md"))
TABLE = re.compile(r"^\| to do \| module \|\n\|---\|---\|\n((?:\|.*\n)+)", re.MULTILINE)
FILE = re.compile(r"`((?:functions|kit|[a-z]+)/[a-z_/]+\.py)`")


def test_every_part_has_a_readme() -> None:
    assert sorted(found.parent.name for found in FUNCTIONS.glob("*/__init__.py")) == PARTS


@pytest.mark.parametrize("part", PARTS)
def test_the_table_names_every_module_once(part: str) -> None:
    folder = FUNCTIONS / part
    [rows] = TABLE.findall((folder / "README.md").read_text())
    told = [name for row in rows.splitlines() for name in re.findall("`([^`]+)`", row)]
    modules = [
        str(path.relative_to(folder).with_suffix(""))
        for path in folder.rglob("*.py")
        if path.name not in {"__init__.py", "main.py"}
    ]
    assert sorted(told) == sorted(modules)


@pytest.mark.parametrize("part", PARTS)
def test_files_named_in_the_text_are_there(part: str) -> None:
    folder = FUNCTIONS / part
    named = FILE.findall((folder / "README.md").read_text())
    assert named
    bases = (FUNCTIONS.parent, FUNCTIONS, folder)
    assert [name for name in named if not any((base / name).is_file() for base in bases)] == []
