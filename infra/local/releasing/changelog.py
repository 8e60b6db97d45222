"""The changelog: what it says of a version."""

import re
import tomllib
from pathlib import Path

from infra.local.errors import LocalError
from infra.local.settings import ROOT

CHANGELOG = ROOT / "CHANGELOG.md"
UNRELEASED = "Unreleased"
_HEAD = re.compile(r"^## (?P<name>Unreleased|\d+\.\d+\.\d+)(?: - \d{4}-\d\d-\d\d)?$", re.MULTILINE)
_WRAPPED = re.compile(r"\n +(?=\S)")


def version() -> str:
    """Return the version that pyproject.toml names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def sections(text: str) -> dict[str, str]:
    """Return what is said of each version, by its name, newest first."""
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {
        head["name"]: text[head.end() : end].strip() for head, end in zip(heads, ends, strict=True)
    }


def notes(name: str, file: Path = CHANGELOG) -> str:
    """Return what is said of a version, an entry a line, as release pages want it.

    Args:
        name: a version (0.2.0), its tag (v0.2.0), or Unreleased.
        file: the changelog.

    Raises:
        LocalError: it is not there, or nothing is said of it.
    """
    found = sections(file.read_text())
    wanted = name.removeprefix("v")
    if wanted not in found:
        known = ", ".join(found)
        raise LocalError(
            f"{file.name} has no section {wanted!r}.",
            f'A release begins with a line "## {wanted} - DATE". There are: {known}',
        )
    if not found[wanted]:
        raise LocalError(f"{file.name} says nothing of {wanted}.", "Say what changes for users.")
    return _WRAPPED.sub(" ", found[wanted])


def check_tag(tag: str, file: Path = CHANGELOG) -> None:
    """Refuse a tag that is not of the version in pyproject.toml, with its section.

    Raises:
        LocalError: one of the three says something else.
    """
    if tag != f"v{version()}":
        raise LocalError(
            f"The tag {tag} is not of the version {version()} in pyproject.toml.",
            f"Tag it v{version()}, or change the version.",
        )
    notes(tag, file)
