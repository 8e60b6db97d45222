"""`up --watch`: a changed source file makes a new revision of its function."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.local.deploying.gateway import Gateway
from infra.local.errors import LocalError
from infra.local.settings import ROOT

LOOK_EVERY = 0.25
PATIENCE = 30.0  # seconds for a new revision to become ready
OWN = "mayfly/"

Say = Callable[[str], None]
State = frozenset[tuple[str, int, int]]


def folders_of(service: dict[str, Any], root: Path = ROOT) -> list[Path]:
    """Return the folders whose files a Service runs; none for an image that is not a folder."""
    image = str(service["spec"]["template"]["spec"]["containers"][0]["image"])
    if image.startswith(("/", "file://")):
        return [Path(image.removeprefix("file://"))]
    if image.startswith(OWN):
        name = image.removeprefix(OWN).split(":")[0]
        return [root / "functions" / name, root / "functions" / "kit"]
    return []


def state_of(folders: list[Path]) -> State:
    """Return path, time and size of every source file, to be compared with another time's."""
    found = set()
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix == ".pyc" or path.name.startswith("."):
                continue
            try:
                seen = path.stat()
            except OSError:  # an editor replaces files by renaming
                continue
            if path.is_file():
                found.add((str(path), seen.st_mtime_ns, seen.st_size))
    return frozenset(found)


class SourceWatch:
    """Looks at the sources of what is deployed, and deploys anew what changed.

    Args:
        gateway: Where.
        say: Told of each new revision, and of one that does not start, with its traceback.
    """

    def __init__(self, gateway: Gateway, say: Say) -> None:
        self._gateway = gateway
        self._say = say
        self._states: dict[str, State] = {}
        self._pending: dict[str, float] = {}
        self._look_at = 0.0

    def tick(self) -> bool:
        """Look, if it is time again; always True."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            with contextlib.suppress(LocalError):  # it starts again: the next look finds the change
                self._look(now)
        return True

    def _look(self, now: float) -> None:
        services = {found["metadata"]["name"]: found for found in self._gateway.services()}
        states = {name: state_of(folders_of(service)) for name, service in services.items()}
        new = sorted(set(states) - set(self._states))
        if new:
            self._say(f"  watching the sources of {', '.join(new)}")
        for name, state in states.items():
            if self._states.setdefault(name, state) != state:
                self._deploy(name, services[name])
                self._states[name] = state
                self._pending[name] = now
        for name in list(self._pending):
            self._follow(name, now)

    def _deploy(self, name: str, service: dict[str, Any]) -> None:
        manifest = {key: value for key, value in service.items() if key != "status"}
        self._gateway.deploy(manifest)
        self._say(f"  {name} changed")

    def _follow(self, name: str, now: float) -> None:
        """Tell how a new revision does, once that is known."""
        found = next((s for s in self._gateway.services() if s["metadata"]["name"] == name), None)
        began = self._pending[name]
        if found is None or now - began > PATIENCE:
            del self._pending[name]
            return
        status = found["status"]
        ready = next(c for c in status["conditions"] if c["type"] == "Ready")
        if ready["status"] == "Unknown":
            return
        del self._pending[name]
        if ready["status"] == "True":
            seconds = time.monotonic() - began
            self._say(f"  {status['latestReadyRevisionName']} serves ({seconds:.2f} s)")
        else:
            older = status["latestReadyRevisionName"]
            self._say(f"  {name} does not start; {older} goes on serving:\n{ready['message']}")
