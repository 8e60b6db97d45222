"""The libraries that these pages use, here and in the browser, and their licences."""

from functools import cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import msgspec

INSTALLED = ".package-lock.json"
"""What npm says of the packages beside it."""
UNSAID = "see its own files"


class Package(NamedTuple):
    """A library that these pages use, and its licence."""

    name: str
    version: str
    licence: str


class _Script(msgspec.Struct):
    version: str = ""
    license: str = ""


class _Installed(msgspec.Struct):
    packages: dict[str, _Script] = {}


@cache
def packages() -> list[Package]:
    """Return the libraries that are installed beside these pages, by name."""
    found = {one.name.lower(): one for one in metadata.distributions()}
    return [Package(one.name, one.version, licence(one)) for _, one in sorted(found.items())]


@cache
def scripts(folder: Path) -> list[Package]:
    """Return the libraries that run in the browser, by name; none where npm left no list."""
    file = folder / INSTALLED
    if not file.is_file():
        return []
    found = msgspec.json.decode(file.read_bytes(), type=_Installed).packages
    named = {place.rpartition("node_modules/")[2]: one for place, one in found.items()}
    return [
        Package(name, one.version, one.license or UNSAID) for name, one in sorted(named.items())
    ]


def licence(package: metadata.Distribution) -> str:
    """Return a package's licence in a few words, as its metadata has it."""
    fields = package.metadata.json
    listed = fields.get("classifier", [])
    named = [
        line.rpartition(" :: ")[2]
        for line in listed
        if line.startswith("License :: ") and line != "License :: OSI Approved"
    ]
    first = str(fields.get("license", "")).strip().partition("\n")[0]
    written = str(fields.get("license_expression", ""))
    return written or ", ".join(named) or first[:60] or UNSAID
