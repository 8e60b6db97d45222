"""What docs/domain and docs/questions say of the code: names, tests and events are there."""

import ast
import functools
import re
from pathlib import Path

import pytest

from functions.datasets.transport import pushing
from infra.local.settings import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([*(DOCS / "domain").glob("*.md"), *(DOCS / "questions").glob("*.md")])
NAMED = re.compile(r"\[`(\w+)`\]\(([^)#\s]+\.py)\)")
DOORS = ("pages", "gateway", "functions", "data", "grpc", "firestore", "queue", "what leaves")
page = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")


@functools.cache
def names_in(file: Path) -> frozenset[str]:
    """Return the classes, functions and constants that a module defines, methods too."""
    found = set[str]()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return frozenset(found)


def missing(text: str, folder: Path) -> list[str]:
    """Return each name that a page gives a file for, and that is not in it."""
    found = [(name, (folder / file).resolve()) for name, file in NAMED.findall(text)]
    return [
        f"{name} in {file.relative_to(ROOT)}"
        for name, file in found
        if not file.exists() or name not in names_in(file)
    ]


def table(text: str, heading: str) -> list[list[str]]:
    """Return the rows of the table below a heading, without its head."""
    section = text.split(f"\n## {heading}\n")[1].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def event_types() -> set[str]:
    """Return the types of events in the code: constants, and what triggers of ours ask for."""
    found = set[str]()
    for top in ("functions", "emulators", "web"):
        for file in (ROOT / top).rglob("*.py"):
            if "node_modules" not in file.parts:
                named = re.findall(r'^(\w+) = "(dev\.[\w.-]+)"$', file.read_text(), re.MULTILINE)
                found |= {value for name, value in named if name != "ANNOTATION"}
    for file in (ROOT / "infra" / "knative" / "eventing").glob("*.yaml"):
        found |= set(re.findall(r"^\s+type: (dev\.\S+)$", file.read_text(), re.MULTILINE))
    return found


@page
def test_names_and_tests_are_there(page):
    assert missing(page.read_text(), page.parent) == []


def test_what_is_missing_is_seen():
    text = "[`Job`](functions/training/model/jobs.py) [`Gone`](functions/training/model/jobs.py)"
    assert missing(text, ROOT) == ["Gone in functions/training/model/jobs.py"]


def test_every_term_has_its_place():
    text = (DOCS / "domain" / "README.md").read_text()
    rows = table(text, "Ubiquitous language")
    assert len(rows) > 40
    assert [row[0] for row in rows if not NAMED.search(row[2])] == []
    assert len({row[0] for row in rows}) == len(rows)


def test_every_invariant_has_its_test():
    rows = table((DOCS / "domain" / "README.md").read_text(), "Aggregates")
    assert len(rows) > 25
    for row in rows:
        assert any("/tests/" in file for _, file in NAMED.findall(row[3])), row


def test_all_events_are_told():
    rows = table((DOCS / "domain" / "README.md").read_text(), "Events")
    told = {row[0].partition(",")[0].strip("`") for row in rows if row[0].startswith("`dev.")}
    assert pushing.EVENT_TYPE in told
    assert told == event_types()


def test_each_door_has_threats_and_each_threat_a_test():
    text = (DOCS / "domain" / "threats.md").read_text()
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    seen = set[str]()
    for heading in headings:
        rows = (
            table(text, heading)
            if "\n|" in text.split(f"## {heading}\n")[1].partition("\n## ")[0]
            else []
        )
        for kind, *_, test in rows:
            assert kind in set("STRIDE"), heading
            assert any("/tests/" in file for _, file in NAMED.findall(test)), test
        seen |= {door for door in DOORS if rows and door in heading.casefold()}
    assert seen == set(DOORS)


def test_each_question_is_listed_and_says_its_files_and_tests():
    index = (DOCS / "questions" / "README.md").read_text()
    listed = dict(re.findall(r"^\| \[([^\]]+)\]\(([^)]+)\)", index, re.MULTILINE))
    questions = [file for file in PAGES if file.parent.name == "questions"]
    assert sorted(listed.values()) == [f.name for f in questions if f.name != "README.md"]
    for title, name in listed.items():
        text = (DOCS / "questions" / name).read_text()
        assert text.startswith(f"# {title}\n"), name
        assert title.endswith("?"), title
        files = text.split("\n## The files\n")[1].partition("\n## Held by\n")[0]
        assert files.count("](../") >= 5, name
        assert any("/tests/" in test for _, test in NAMED.findall(text.split("## Held by")[1])), (
            name
        )
