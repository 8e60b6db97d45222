"""Mayfly's wheel, installed in an environment of its own, as by whoever has no checkout."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from infra.local.releasing import wheel

UV = (sys.executable, "-m", "uv")


class Installed(NamedTuple):
    """An environment that the wheel is installed in.

    Attributes:
        python: its interpreter.
        program: `mayfly`.
        house: the folders of Mayfly in it.
    """

    python: Path
    program: Path
    house: Path

    def run(self, *words: Any, at: Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program in a folder, without anything of this checkout or of this environment."""
        ours = {"PYTHONPATH", "PYTHONHOME", "MAYFLY_HOME", "VIRTUAL_ENV"}
        environment = {name: value for name, value in os.environ.items() if name not in ours}
        return subprocess.run(
            [*map(str, words)], cwd=at, env=environment, capture_output=True, text=True,
            check=False, **options,
        )  # fmt: skip


def install(folder: Path, *, with_needs: bool) -> Installed:
    """Build the wheel, and install it from its folder.

    Args:
        folder: an empty one.
        with_needs: what it needs is installed, too, as its metadata says, from uv's cache or from
            where this machine has packages from; else that of this environment is used.
    """
    index, place = folder / "index", folder / "environment"
    index.mkdir()
    wheel.build(index)
    _uv("venv", "--quiet", "--python", sys.executable, place)
    python = place / "bin" / "python"
    found = ("pip", "install", "--quiet", "--python", python, "--find-links", index)
    needs = () if with_needs else ("--no-index", "--no-deps")
    _uv(*found, *needs, "--prerelease", "allow", wheel.NAME)
    [house] = place.glob(f"lib/python*/site-packages/{wheel.NAME}")
    if not with_needs:
        ours = [one for one in sys.path if Path(one).name in {"site-packages", "dist-packages"}]
        (house.parent / "needs.pth").write_text("\n".join([*ours, ""]))
    return Installed(python, place / "bin" / wheel.NAME, house)


def _uv(*words: Any) -> None:
    done = subprocess.run(
        [*UV, *map(str, words)], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
