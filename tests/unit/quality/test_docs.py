"""Documentation that can be wrong is tested: links lead somewhere, figures have a command."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", "node_modules", ".mayfly"} & set(path.relative_to(ROOT).parts)
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_the_pages_and_their_links_are_seen():
    assert ROOT / "README.md" in PAGES
    assert LINK.findall((ROOT / "README.md").read_text()).count("LICENSE") == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_commands_that_the_readme_gives_as_modules_exist():
    modules = re.findall(r"python -m (benchmarks[.\w]+)", (ROOT / "README.md").read_text())
    assert "benchmarks.prediction.cold_start" in modules
    for module in modules:
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module
