"""What runs, on disk: so that `down` finds everything, whatever became of the launcher."""

import contextlib
import dataclasses
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from infra.local.errors import LocalError
from infra.local.system.processes import Identity

# Bytes, more than any run needs.
SIZE = 4000
State = Literal["starting", "ready", "stopping"]


@dataclass
class Run:
    """One run of the stack; `ports` are the numbers that it listens on, by their names.

    `platform` is what it is, as `./mayfly up --platform` names it.
    """

    launcher: Identity
    state: State = "starting"
    parts: dict[str, Identity] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    platform: str = "local"

    def alive(self) -> bool:
        """Tell whether the launcher of this run still runs."""
        return self.launcher.is_alive()


class RunFile:
    """`run.json` in a stack's home, replaced as a whole on every change, also on a full disk.

    For that a spare file of the same size lies beside it: it is written over, and the two swap.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "run.json"
        self._spare = home / "run.spare"
        self._former = home / "run.former"
        self._lock = home / "lock"

    def read(self) -> Run | None:
        """Return the run that was noted last; None when the last one ended in order."""
        try:
            found = json.loads(self._path.read_text())
            parts = {name: Identity(**identity) for name, identity in found["parts"].items()}
            ports = {str(name): int(number) for name, number in found.get("ports", {}).items()}
            platform = str(found.get("platform", "local"))
            return Run(Identity(**found["launcher"]), found["state"], parts, ports, platform)
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, run: Run) -> None:
        """Note `run`."""
        noted: dict[str, Any] = dataclasses.asdict(run)
        text = json.dumps(noted, indent=1).encode().ljust(SIZE) + b"\n"
        with os.fdopen(os.open(self._spare, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as spare:
            spare.write(text)
            spare.truncate()
        self._former.unlink(missing_ok=True)
        if self._path.exists():
            os.link(self._path, self._former)
        else:
            self._former.write_bytes(bytes(len(text)))
        self._spare.replace(self._path)
        self._former.replace(self._spare)

    def clear(self) -> None:
        """Forget the run."""
        for path in (self._path, self._spare, self._former):
            path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be the only launcher of this home. The kernel frees the lock when the launcher dies.

        Raises:
            LocalError: another launcher runs.
        """
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                run = self.read()
                who = f" (launcher: process {run.launcher.pid})" if run else ""
                raise LocalError(
                    f"Mayfly is running already{who}.", "See ./mayfly status, or ./mayfly down."
                ) from error
            yield
        finally:
            os.close(descriptor)
