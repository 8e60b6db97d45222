"""What a function imports from outside of its folder, and whether that lets itself be forked.

A start that took long tells which modules its `main.py` brought in. A warm parent imports those,
and none of the function's own: `main.py` and what lies beside it run at each start, as ever.
"""

import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from emulators.gateway.runtimes.forking.messages import Learned

# What functions-framework says in the environment of each application that it makes.
_FRAMEWORK_S = ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE", "FUNCTION_TRIGGER_TYPE")
_TASKS, _OPEN = Path("/proc/self/task"), Path("/proc/self/fd")
# Threads of libraries that lock all they have for a fork, and do without them in the child:
# jemalloc's gives memory back to the system (pandas brings pyarrow, which brings that).
_MADE_FOR_FORKS = ("jemalloc_bg_thd",)
_HARMLESS = ("/dev/null", "/dev/urandom", "/dev/random")


def learn(before: Iterable[str], environment: Mapping[str, str], folder: str) -> Learned:
    """Return what has been imported since, and what has changed in the environment.

    Args:
        before: The names of the modules that were there.
        environment: As it was.
        folder: The function's own, modules of which are left out.
    """
    known = set(before)
    modules = [name for name in list(sys.modules) if name not in known and _shared(name, folder)]
    changed: dict[str, str | None] = {
        name: os.environ.get(name)
        for name in sorted({*environment, *os.environ} - {*_FRAMEWORK_S})
        if os.environ.get(name) != environment.get(name)
    }
    return Learned(tuple(modules), changed)


def import_all(learned: Learned, folder: str) -> list[str]:
    """Import what a start showed, in its order, under the environment that it left.

    A module that does not let itself be imported by its name comes with `main.py`, as ever.

    Args:
        learned: What.
        folder: The function's own.

    Returns:
        The function's own modules that were imported with it: there should be none.
    """
    before = set(sys.modules)
    adopt(learned.variables)
    for name in learned.modules:
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except Exception as error:  # noqa: BLE001 - a library raises what it likes
                sys.stderr.write(f"its warm parent could not import {name}: {error!r}\n")
    return [name for name in sys.modules if name not in before and _is_below(name, folder)]


def adopt(variables: Mapping[str, str | None]) -> None:
    """Change the environment as a load of the function did."""
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def open_files() -> dict[int, str]:
    """Return what this process has open, by descriptor (Linux)."""
    return dict(_links())


def obstacles(opened: Mapping[int, str], own: Iterable[str] = ()) -> Iterator[str]:
    """Say what of this process would not survive a fork, or would be shared by its children.

    It forks once to see.

    Args:
        opened: What it had open before its imports.
        own: The function's own modules that these brought in.
    """
    if foreign := ", ".join(sorted(own)):
        yield f"what it imports imports modules of its own folder ({foreign})"
    _fork_once()
    if threads := _threads():
        yield f"its imports start threads ({', '.join(threads)})"
    for number, target in _links():
        if opened.get(number) != target and target not in _HARMLESS:
            yield f"its imports leave {target} open"


def memory() -> int:
    """Return the bytes of memory that this process takes: its proportional set size (Linux)."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _shared(name: str, folder: str) -> bool:
    """Tell whether a module can be imported by this name, from elsewhere than the folder."""
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return getattr(spec, "name", None) == name and not _is_below(name, folder)


def _is_below(name: str, folder: str) -> bool:
    spec = getattr(sys.modules.get(name), "__spec__", None)
    origin = getattr(spec, "origin", None)
    places = [origin] if isinstance(origin, str) else []
    places += list(getattr(spec, "submodule_search_locations", None) or ())
    return any(Path(place).is_relative_to(folder) for place in places)


def _fork_once() -> None:
    """Make a child that does nothing: libraries that are made for it end their threads for a fork.

    (OpenBLAS's come back with the first work that wants them, in parent and child.)
    """
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)


def _threads() -> list[str]:
    """Return the names of this process's threads, but for its first and those made for forks."""
    own = str(os.getpid())
    others = [task for task in _TASKS.iterdir() if task.name != own]
    names = sorted((task / "comm").read_text().strip() for task in others)
    return [name for name in names if name not in _MADE_FOR_FORKS]


def _links() -> Iterator[tuple[int, str]]:
    for entry in os.listdir(_OPEN):  # noqa: PTH208 - numbers are wanted
        try:
            yield int(entry), os.readlink(_OPEN / entry)  # noqa: PTH115 - of sockets it is no path
        except FileNotFoundError:  # the listing's own
            continue
