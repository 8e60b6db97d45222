"""The packages that Mayfly is made of: which, in which versions, and under which licences.

The versions are those of the lock files; who needs whom, and licences, is what packages say of
themselves: those from PyPI are read where they are installed, in .venv.
"""

import importlib.metadata
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.local.errors import LocalError
from infra.local.settings import ROOT

LOCK = ROOT / "requirements.lock"
NPM_LOCK = ROOT / "web" / "package-lock.json"
# What runs; requirements-dev.txt also has what tests and builds.
PARTS = ("functions/*", "emulators/*", "web", "infra/local")
_PINNED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+)(?: ; (?P<marker>.+?))?(?: \\)?$")
_CLASSIFIER = "License :: OSI Approved :: "
_LONGEST = 60  # of a licence's name; more is its text


@dataclass(frozen=True)
class Package:
    """A package of a lock file.

    Attributes:
        name: in its registry.
        version: the only one that is installed.
        registry: "pypi" or "npm".
        licence: as the package says; empty where it says nothing.
        marker: on which machines it is installed, as PEP 508 says it; empty for all.
        integrity: of npm, the hash of its file (sha512-BASE64).
        needs: names of the packages that it needs in turn.
    """

    name: str
    version: str
    registry: str
    licence: str = ""
    marker: str = ""
    integrity: str = ""
    needs: tuple[str, ...] = ()

    @property
    def pin(self) -> str:
        """Return the requirement that means this very version."""
        return f"{self.name}=={self.version}" + (f" ; {self.marker}" if self.marker else "")


Pins = Mapping[str, list[Package]]
"""By name; some have another version on another Python."""


def locked(lock: Path = LOCK) -> dict[str, list[Package]]:
    """Return what requirements.lock pins, without what only an installation knows."""
    found: dict[str, list[Package]] = {}
    for match in filter(None, map(_PINNED.match, lock.read_text().splitlines())):
        name = canonicalize_name(match["name"])
        one = Package(name, match["version"], "pypi", marker=match["marker"] or "")
        found.setdefault(name, []).append(one)
    return found


def of_python() -> list[Package]:
    """Return what runs of PyPI: what the parts name, and what that needs; by name.

    Raises:
        LocalError: one of them is not installed.
    """
    pins = locked()
    needs = _graph(pins, map(Requirement, sorted(named(ROOT, PARTS))))
    return [
        replace(one, licence=_licence(name), needs=tuple(sorted(needs[name])))
        for name in sorted(needs)
        for one in pins[name]
    ]


def _graph(pins: Pins, asked: Iterable[Requirement]) -> dict[str, set[str]]:
    """Return whom each package needs that is pinned, from what is asked for on."""
    found: dict[str, set[str]] = {}
    met: set[tuple[str, frozenset[str]]] = set()
    waiting = list(asked)
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        key = (name, frozenset(one.extras))
        if name in pins and key not in met:
            met.add(key)
            needs = list(_needs(pins[name], one.extras))
            here = {canonicalize_name(each.name) for each in needs}
            found.setdefault(name, set()).update(here & pins.keys())
            waiting += needs
    return found


def named(root: Path, parts: Iterable[str]) -> set[str]:
    """Return the requirements that the requirements.txt of parts name, without reasons."""
    lines = (
        line.partition("#")[0].strip()
        for part in parts
        for file in root.glob(f"{part}/requirements.txt")
        for line in file.read_text().splitlines()
    )
    return {line for line in lines if line and not line.startswith("-r")}


def _needs(pins: Iterable[Package], extras: Iterable[str]) -> Iterator[Requirement]:
    """Yield what a package needs on a machine like this one."""
    here = [
        one for one in pins if (marker := Requirement(one.pin).marker) is None or marker.evaluate()
    ]
    for one in here:
        for text in _installed(one.name).requires or ():
            needed = Requirement(text)
            wanted = [{"extra": extra} for extra in ("", *extras)]
            if needed.marker is None or any(needed.marker.evaluate(each) for each in wanted):
                yield needed


def _installed(name: str) -> importlib.metadata.Distribution:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError as error:
        raise LocalError(f"The package {name} is not installed.", "Call ./mayfly once.") from error


def _licence(name: str) -> str:
    said = _installed(name).metadata
    if "License-Expression" in said:
        return str(said["License-Expression"])
    names = [one for one in said.get_all("Classifier") or () if one.startswith(_CLASSIFIER)]
    if names:
        return ", ".join(one.removeprefix(_CLASSIFIER) for one in names)
    text = str((said.get_all("License") or [""])[0])
    return text.strip().partition("\n")[0][:_LONGEST]


def of_npm(lock: Path = NPM_LOCK) -> list[Package]:
    """Return what the pages are given of npm, by name."""
    held = json.loads(lock.read_text())["packages"]
    found = {
        Package(
            one.get("name") or place.rpartition("node_modules/")[2],
            one["version"],
            "npm",
            one.get("license", ""),
            integrity=one["integrity"],
            needs=tuple(sorted(one.get("dependencies", ()))),
        )
        for place, one in held.items()
        if place and not one.get("dev")
    }
    return sorted(found, key=lambda one: (one.name, one.version))
