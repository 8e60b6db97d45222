"""A shell from which the commands of a running Mayfly are called, as processes of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.stack import Stack


class Shell:
    """A shell that knows an address and a key, and no home.

    Args:
        stack: the Mayfly that its commands speak to.
        token: what they show: an API key, or a session's token.
        folder: where they run.
    """

    def __init__(self, stack: Stack, token: str, folder: Path) -> None:
        elsewhere = {"MAYFLY_URL": stack.gateway_url, "MAYFLY_KEY": token}
        elsewhere |= {"MAYFLY_HOME": str(folder / "none"), "MAYFLY_WEB_URL": stack.web_url}
        self._env = stack.environment() | elsewhere
        self.folder = folder
        self.called: list[str] = []

    def call(self, *words: Any, code: int = 0, given: str | None = None) -> str:
        """Run a command; return what it says on the standard output, or why it ends with `code`."""
        self.called.append(" ".join(map(str, words)))
        command = [sys.executable, "-m", "infra.local", *map(str, words)]
        done = subprocess.run(
            command, cwd=self.folder, env=self._env, input=given, capture_output=True, text=True,
            check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def json(self, *words: Any, **options: Any) -> Any:
        """Run a command for programs, whose standard output is JSON and nothing else."""
        return json.loads(self.call(*words, "--json", **options))
