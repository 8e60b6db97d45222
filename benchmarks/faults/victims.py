"""The processes of one stack: its parts by the run file, replicas by their descent and name."""

from pathlib import Path

from infra.local.stack.runfile import RunFile
from infra.local.system.processes import Identity, identify

PROC = Path("/proc")
LONGEST = 15  # characters of a process's name that the system keeps


def part(home: Path, name: str) -> Identity | None:
    """Return a part's process; None while there is none."""
    run = RunFile(home).read()
    found = None if run is None else run.parts.get(name)
    return found if found is not None and found.is_alive() else None


def replicas(gateway: int, function: str) -> list[Identity]:
    """Return the replicas of a function: named after it, and grandchildren of its gateway."""
    found = []
    for folder in PROC.glob("[0-9]*"):
        try:
            named = (folder / "comm").read_text().startswith(f"{function}-0"[:LONGEST])
            if named and _parent(_parent(int(folder.name))) == gateway:
                found.append(identify(int(folder.name)))
        except OSError:
            continue
    return [each for each in found if each is not None]


def _parent(pid: int) -> int:
    """Return the parent's process id; the name in parentheses may hold anything."""
    return int((PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
