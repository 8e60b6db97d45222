"""The documentation as a site: every page is in it, every link leads somewhere, all offline."""

import importlib.util
import re
import sys
from functools import partial

import pytest

from infra.local.cli import mayfly
from infra.local.errors import LocalError
from infra.local.site import building, staging
from infra.local.site.reference import making
from tests.support.tools import lacking

FETCHED = re.compile(r"""<(?:script|img|link|iframe)[^>]+(?:src|href)=["']?https?://""")


def drawn(source, file, theme):
    """Stand for a picture, which takes a while to draw."""
    file.write_text(f"<svg xmlns='http://www.w3.org/2000/svg'><text>{source.name}</text></svg>")


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("staged") / "docs"
    staging.stage(folder, partial(making.pages, mayfly), drawn)
    return folder


def test_all_pages_are_there_but_what_others_brought(staged):
    found = {path.relative_to(staged) for path in staged.rglob("*.md")}
    made = {path for path in found if path.is_relative_to(making.FOLDER)}
    assert found - made == set(staging.pages())
    assert len(found) > 90
    assert not [page for page in found if any(part[0] == "." for part in page.parts)]


def test_what_pages_link_to_is_there_and_folders_are_their_pages(staged):
    assert (staged / "functions/kit/http/wsgi.py").is_file()
    text = (staged / "docs/architecture.md").read_text()
    assert "(../functions/README.md)" not in text
    assert "| `functions/` |" in text
    assert "[`benchmarks/`](../benchmarks/README.md)" in text


def test_pictures_stand_on_their_pages_for_both_themes(staged):
    text = (staged / "docs/plane.md").read_text()
    assert "```mermaid" not in text
    assert "(../docs/architecture/plane-light.svg#only-light)" in text
    assert "(../docs/architecture/plane-dark.svg#only-dark)" in text
    assert "## `sequence-quota`" in (staged / "docs/architecture/README.md").read_text()


def test_it_is_built_strictly_and_fetches_nothing(staged, tmp_path):
    if importlib.util.find_spec("material") is None:
        lacking("MkDocs Material is not installed")
    building.build(staged.parent, tmp_path / "site")
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > len(staging.pages())
    assert [page.name for page in pages if FETCHED.search(page.read_text())] == []
    assert "search_index.json" in {file.name for file in (tmp_path / "site" / "search").iterdir()}


def test_a_link_that_leads_nowhere_fails(tmp_path):
    if importlib.util.find_spec("material") is None:
        lacking("MkDocs Material is not installed")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "README.md").write_text("# Mayfly\n\n[gone](gone.md)\n")
    with pytest.raises(LocalError, match=r"gone\.md"):
        building.build(tmp_path, tmp_path / "site")


def test_what_is_missing_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(LocalError, match="no MkDocs Material"):
        building.build(tmp_path, tmp_path / "site")
    assert "material" not in sys.modules
