"""Installs packages into a new folder: by uv for Python, by npm for Node."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from emulators.gateway.errors import Invalid
from emulators.gateway.runtimes.packages import confined
from emulators.gateway.runtimes.programs.commands import environment_of
from emulators.gateway.runtimes.view import View

NODE_FILES = ("package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc")
_LOCKS = NODE_FILES[1:3]
_SECONDS = 600.0
AT_ONCE = 4
"""Installers that run; the others wait for their turn."""
_LAST_LINES = 30
# What of the gateway's environment an installer sees: how to reach its index, and where to cache.
_SEEN = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
_SEEN_KINDS = ("UV_", "PIP_", "NPM_CONFIG_", "XDG_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class Installer:
    """Runs one installer at a time for each folder, and ends those that run with the gateway.

    What it runs is others' code as well (of packages, of the function's own folder). So it sees of
    the disk what a replica would see, and ends with the gateway, however that ends.

    Args:
        env: The gateway's environment.
        hidden: Folders and files that it is not to see.
        limit: Seconds that an installation may take.
    """

    def __init__(
        self, env: Mapping[str, str], hidden: tuple[str, ...] = (), limit: float = _SECONDS
    ) -> None:
        seen = {name: env[name] for name in env if _is_seen(name)}
        self._env = environment_of(seen)
        self._hidden = hidden
        self._limit = limit
        self._running: set[subprocess.Popen[str]] = set()
        self._closed = False
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def python(self, code: Path, folder: Path) -> None:
        """Install what the code's ``requirements.txt`` asks for into a folder.

        Raises:
            Invalid: With uv's words, when it does not.
        """
        command = [
            _uv(), "pip", "install", "--requirements", "requirements.txt",
            "--target", str(folder), "--python", sys.executable,
            # A layer is written to by who imports from it: no link into the user's cache.
            "--link-mode", "copy", "--compile-bytecode", "--no-progress", "--color", "never",
        ]  # fmt: skip
        self._run(command, code, folder, "requirements.txt")

    def node(self, code: Path, folder: Path) -> None:
        """Install what the code's ``package.json`` asks for into ``node_modules`` of a folder.

        Raises:
            Invalid: With npm's words, when it does not.
        """
        for name in NODE_FILES:
            if _is_own(code, name):
                shutil.copy2(code / name, folder / name)
        locked = any(_is_own(code, name) for name in _LOCKS)
        command = ["npm", "ci" if locked else "install"]
        command += ["--omit=dev", "--no-audit", "--no-fund", "--no-progress"]
        self._run(command, folder, folder, "package.json")
        (folder / "node_modules").mkdir(exist_ok=True)

    def close(self) -> None:
        """End what runs; nothing more is begun."""
        with self._lock:
            self._closed = True
            for process in self._running:
                _end(process)

    def _run(self, command: Sequence[str], where: Path, into: Path, asked: str) -> None:
        program = shutil.which(command[0], path=self._env["PATH"])
        if program is None:
            raise Invalid(
                f"{asked} cannot be installed: there is no {Path(command[0]).name} on this machine",
                f"install it, or leave {asked} out",
            )
        seen = View(self._hidden, (str(where), str(into)))
        with self._turns:
            process = self._begin(confined.command([program, *command[1:]], seen), where)
            told = self._await_end(process, asked)
        if process.returncode:
            words = "\n".join(told.strip().splitlines()[-_LAST_LINES:])
            raise Invalid(f"{asked} cannot be installed:\n{words}", "mend it, then deploy again")

    def _await_end(self, process: subprocess.Popen[str], asked: str) -> str:
        """Return what an installer said, once it has ended; raises Invalid where it takes long."""
        try:
            return process.communicate(timeout=self._limit)[0]
        except subprocess.TimeoutExpired:
            _end(process)
            process.communicate()
            raise Invalid(
                f"{asked} was not installed within {self._limit:g} s", "deploy again"
            ) from None
        finally:
            _end_group(process)  # what it has left behind
            with self._lock:
                self._running.discard(process)

    def _begin(self, command: Sequence[str], where: Path) -> subprocess.Popen[str]:
        with self._lock:
            if self._closed:
                raise Invalid("the gateway is ending", "deploy again")
            process = subprocess.Popen(  # noqa: S603 - that is what it is for
                command,
                cwd=where,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            self._running.add(process)
        return process


def _is_own(code: Path, name: str) -> bool:
    """Tell whether there is such a file: no link out of the folder, which a replica may have made.

    (This process sees what replicas do not.)
    """
    file = code / name
    return file.is_file() and file.resolve().is_relative_to(code.resolve())


def _is_seen(name: str) -> bool:
    return name in _SEEN or name.upper().startswith(_SEEN_KINDS)


def _uv() -> str:
    """Return uv's path: beside the interpreter, where its wheel puts it, or on PATH."""
    beside = Path(sysconfig.get_path("scripts"), "uv")
    return str(beside) if beside.is_file() else "uv"


def _end(process: subprocess.Popen[str]) -> None:
    """Kill it with all that it has started."""
    if process.poll() is None:
        _end_group(process)


def _end_group(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
