"""The pages, copied to where MkDocs builds them, with the files that they link to."""

import re
import shutil
from collections.abc import Callable, Container, Mapping
from pathlib import Path

from infra.local.pictures import diagrams
from infra.local.settings import ROOT

MARK = Path("web", "static", "mark.svg")  # which mkdocs.yml names
LEFT_OUT = frozenset({"node_modules", "build", "tests"})
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)#\s]+)(#[^)]*)?\)")
MERMAID = re.compile(r"<!-- picture: ([\w-]+) -->\n```mermaid\n.*?\n```", re.DOTALL)
ROW = re.compile(r"^\| `([\w-]+)` \| (.+?) \|.*$", re.MULTILINE)
PICTURES = Path("docs", "architecture")
Draw = Callable[[diagrams.Source, Path, str], None]
"""Draws a picture to a file, for a theme."""
Make = Callable[[Mapping[Path, str]], Mapping[Path, str]]
"""All pages by their path → those that are made besides."""


def pages() -> list[Path]:
    """Return every page of the repository, from the root."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    return sorted(page for page in found if not any(map(_is_left_out, page.parts)))


def _is_left_out(part: str) -> bool:
    return part.startswith(".") or part in LEFT_OUT


def stage(into: Path, make: Make, draw: Draw = diagrams.draw) -> None:
    """Fill an empty folder with all pages, what they link to, and the pictures, light and dark.

    Args:
        into: the folder.
        make: makes the pages that are not written by hand.
        draw: draws the pictures.
    """
    texts = {page: (ROOT / page).read_text() for page in pages()}
    texts |= make(texts)
    for page, text in texts.items():
        (into / page).parent.mkdir(parents=True, exist_ok=True)
        (into / page).write_text(_page(page, text, texts.keys(), into))
    (into / MARK).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(ROOT / MARK, into / MARK)
    for source in diagrams.sources():
        for theme in diagrams.THEMES:
            draw(source, into / PICTURES / f"{source.name}-{theme}.svg", theme)


def _page(page: Path, text: str, known: Container[Path], into: Path) -> str:
    text = MERMAID.sub(lambda found: _shown(found[1], page), text)
    text = LINK.sub(lambda found: _link(found, page, known, into), text)
    if page == PICTURES / "README.md":
        names = dict(ROW.findall(text))
        text += "\n" + "\n".join(
            f"## `{name}`\n\n{told}\n\n{_shown(name, page)}\n" for name, told in names.items()
        )
    return text


def _shown(name: str, page: Path) -> str:
    """Return a picture as a page shows it, by the reader's theme."""
    folder = "../" * (len(page.parts) - 1) + PICTURES.as_posix()
    return "\n".join(
        f"![{name}]({folder}/{name}-{theme}.svg#only-{theme})" for theme in diagrams.THEMES
    )


def _link(found: re.Match[str], page: Path, known: Container[Path], into: Path) -> str:
    """Return a link as it stands in the site: to a page, to a copy of a file, or as mere text."""
    text, target, anchor = found[1], found[2], found[3] or ""
    if "://" in target or "-light.svg" in target or "-dark.svg" in target:
        return found[0]
    place = (ROOT / page.parent / target).resolve()
    if place.is_dir() and (place / "README.md").relative_to(ROOT) in known:
        return f"{text}({target.rstrip('/')}/README.md{anchor})"
    path = place.relative_to(ROOT) if place.is_relative_to(ROOT) else place
    if not place.is_file() and path not in known:
        return text.removeprefix("!")[1:-1]
    if path not in known:
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place, into / path)
    return found[0]
