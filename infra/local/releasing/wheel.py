"""Mayfly as one wheel: the folders as they are, below one of its own, and the program `mayfly`.

What the repository has not is made before: the schemas of gRPC, compiled, and what the pages need
of npm. Texts say `mayfly`, which is on the path then, where they say `./mayfly` here.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from infra.local import schemas
from infra.local.errors import LocalError
from infra.local.releasing import changelog, packages
from infra.local.settings import ROOT

NAME = "mayfly"
FOLDERS = ("emulators", "examples", "functions", "infra", "web")
FILES = (".dockerignore", "pyproject.toml", "requirements.lock")
# What the pages send of npm's packages, what they tell of these, and what these ask of who hands
# them on.
OF_NPM = ("*.min.js", "package.json", ".package-lock.json", "LICENSE*", "LICENCE*", "license*")
_TEXTS = {".css", ".html", ".js", ".md", ".py", ".sh", ".toml", ".yaml", ".yml"}
_PROJECT = """
dependencies = {dependencies}

[project.scripts]
mayfly = "mayfly.infra.local.installed:main"

[build-system]
requires = ["uv_build=={uv}"]
build-backend = "uv_build"
"""


def build(out: Path) -> Path:
    """Build the wheel into a folder; return its place.

    Raises:
        LocalError: something that it is made of is not there, or uv refuses it.
    """
    staging = out / ".staging"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        stage(staging)
        return _built(staging, out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def stage(folder: Path) -> None:
    """Lay out what the wheel is built from."""
    house = folder / "src" / NAME
    for place in (*map(Path, FILES), *_tracked(), *_made()):
        _copy(place, house)
    (house / "__init__.py").write_text('"""Mayfly, installed: its folders as they are."""\n')
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    (folder / "pyproject.toml").write_text(_project())


def _tracked() -> list[Path]:
    """Return what git has of the folders, or would on the next `add`; raises LocalError."""
    listed = ("--cached", "--others", "--exclude-standard")  # also what is not committed yet
    words = ["git", "ls-files", "-z", *listed, "--", *FOLDERS]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalError(f"git does not tell what is in {ROOT}: {done.stderr.strip()}")
    found = [Path(name) for name in done.stdout.split("\0") if name]
    return [name for name in found if (ROOT / name).is_file()]


def _made() -> Iterator[Path]:
    """Yield what the wheel has and git has not."""
    schemas.ensure()
    yield schemas.COMPILED.relative_to(ROOT)
    modules = ROOT / "web" / "node_modules"
    found = sorted({one for form in OF_NPM for one in modules.rglob(form) if one.is_file()})
    if not found:
        raise LocalError(f"{modules} is empty.", "Call ./mayfly once.")
    yield from (one.relative_to(ROOT) for one in found)


def _copy(name: Path, house: Path) -> None:
    source, target = ROOT / name, house / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    if source.suffix in _TEXTS and "node_modules" not in source.parts:
        text = target.read_text()
        target.write_text(text.replace(f"./{NAME}", NAME))


def _project() -> str:
    """Return the wheel's pyproject.toml: what the repository's says, and what it needs."""
    text = (ROOT / "pyproject.toml").read_text()
    whole = text[text.index("[project]") : text.index("\n[tool.")].rstrip()
    needs = _dependencies(packages.of_python())
    return whole + _PROJECT.format(dependencies=json.dumps(needs, indent=4), uv=_uv_version())


def _dependencies(held: Iterable[packages.Package]) -> list[str]:
    """Return the very versions that are tested: an application's, not a library's."""
    return [one.pin for one in held]


def _uv_version() -> str:
    return packages.locked()["uv"][0].version


def _built(staging: Path, out: Path) -> Path:
    """Have uv build it, by the build backend that it carries: nothing is fetched."""
    words = [sys.executable, "-m", "uv", "build", "--wheel", "--offline", "--no-config", "--quiet"]
    done = subprocess.run(
        [*words, "--out-dir", str(out), str(staging)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LocalError(f"uv does not build the wheel: {done.stderr.strip()}")
    return out / f"{NAME}-{changelog.version()}-py3-none-any.whl"
