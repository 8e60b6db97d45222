"""All pages of the reference, each from what it is about."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from infra.local.errors import LocalError
from infra.local.settings import ROOT
from infra.local.site.reference import api, commands, configuration

FOLDER = Path("docs", "reference")
DOMAIN = Path("docs", "domain", "README.md")


class Described(msgspec.Struct):
    """What `functions.kit.http.describe` prints."""

    documents: dict[str, dict[str, Any]]
    errors: list[dict[str, Any]]


def functions() -> list[str]:
    """Return the names of all functions."""
    found = (ROOT / "functions").glob("*/main.py")
    return sorted(file.parent.name for file in found)


def described() -> Described:
    """Return what the functions say of themselves; they are imported in another process.

    Raises:
        LocalError: one cannot be.
    """
    done = subprocess.run(
        [sys.executable, "-m", "functions.kit.http.describe", *functions()],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise LocalError(f"The functions cannot be described: {' '.join(last)}")
    return msgspec.json.decode(done.stdout, type=Described)


def pages(root: click.Group, texts: Mapping[Path, str]) -> dict[Path, str]:
    """Return the pages of the reference by their path from the root.

    Args:
        root: the command line.
        texts: all other pages, by their path.
    """
    said = described()
    made = {f"api-{name}.md": api.page(name, said.documents[name]) for name in said.documents}
    made |= {
        "errors.md": api.errors_page(said.errors),
        "events.md": events_page(texts[DOMAIN]),
        "commands.md": commands.page(root),
        "configuration.md": configuration.page(texts),
    }
    return {FOLDER / name: text for name, text in made.items()}


def events_page(domain: str) -> str:
    """Return the page of events, which is a part of the domain's page.

    Its links hold as they are, for both lie in folders of `docs`.
    """
    section = domain.partition("\n## Events\n")[2].partition("\n## ")[0]
    return f"# Events\n{section}"
