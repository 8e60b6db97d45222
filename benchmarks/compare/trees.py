"""A revision's own tree, checked out beside this one for as long as it is measured."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.stack import ROOT


def commit(revision: str) -> str:
    """Return the full name of a revision's commit; exit where there is none."""
    found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode != 0:
        sys.exit(f"--base {revision}: git knows no such commit in {ROOT}")
    return found.stdout.strip()


@contextlib.contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Check a commit out into a temporary worktree, which is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="mayfly-base-") as folder:
        tree = Path(folder) / "tree"
        made = _git("worktree", "add", "--detach", str(tree), revision)
        if made.returncode != 0:
            sys.exit(f"{revision} cannot be checked out: {made.stderr}")
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=False, capture_output=True, text=True
    )
