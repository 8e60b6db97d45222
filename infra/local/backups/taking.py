"""Takes a backup: of a Mayfly that runs, from one moment; or of one that does not."""

import datetime as dt
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.backups import archive, state
from infra.local.backups.workplace import workplace
from infra.local.errors import LocalError
from infra.local.settings import ROOT, Settings
from infra.local.stack import daemon
from infra.local.stack.runfile import Run, RunFile
from infra.local.system.processes import Identity, marked
from infra.local.system.stillness import held
from infra.local.system.whole_files import written

# Seconds that parts stand still at most; and the share of the time after which they count as hung.
LONGEST, SHARE = 10.0, 3
# Documents before files, as files are written before and removed after the documents that name
# them: so each document's file is there, even where replicas are not found (macOS).
ORDER = ("gateway", "firestore", "storage", "nats", "web")


def take(settings: Settings, target: Path, told: archive.Told) -> archive.Manifest:
    """Write all state into an archive, readable by its owner alone; return what it holds.

    What was acknowledged before this call is in it, what begins after its end is not. What runs
    stands still for a moment, and goes on: no call fails, some take longer.

    Args:
        settings: of the Mayfly.
        target: the archive.
        told: gets the bytes of each piece.

    Raises:
        LocalError: there is nothing, it is just being started or stopped, or it cannot be written.
    """
    state.check_there(settings)
    with (
        written(target, is_private=True) as file,
        workplace(settings.data) as folder,
    ):
        with _still(settings) as seconds:
            state.copy(settings.home, folder, seconds)
        state.check_databases(folder)
        return archive.write(folder, file, _about(settings), told)


def _about(settings: Settings) -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    named = {"project": settings.project, "bucket": settings.bucket}
    return {"version": project["version"], "made_at": now, **named}


@contextmanager
def _still(settings: Settings) -> Iterator[float | None]:
    """Have nothing written while the block runs; gives the seconds that it may take."""
    run = daemon.running(settings)
    if run is None:
        with RunFile(settings.home).held():
            if any(marked(str(settings.home))):
                raise LocalError("Parts of a launcher that is gone still run.", "./mayfly down")
            yield None
        return
    if run.state != "ready":
        raise LocalError(f"Mayfly is {run.state}.", "Try again in a moment.")
    with held(lambda: _processes(settings, run)):
        yield min(LONGEST, settings.hung_after / SHARE)


def _processes(settings: Settings, run: Run) -> Iterator[Identity]:
    """Yield what writes: the parts in order, and whatever they started."""
    yield from (run.parts[name] for name in ORDER if name in run.parts)
    yield from marked(str(settings.home))
