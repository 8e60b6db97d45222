"""Code of functions that is imported before the start that runs it.

A replica imports its function's modules from the copy of the code that its revision was deployed
with, which takes as long as all the rest of a start. For functions that a rehearsal names, the
process that is to become a replica does that while it waits, from the very copy that a revision was
last started with; `main.py`, where settings are read and what is of one replica alone is made, runs
when it starts, as ever.
"""

import importlib
import sys
from pathlib import Path

import msgspec

from emulators.gateway.runtimes.forking import messages
from emulators.gateway.runtimes.forking.rehearsal import Rehearsal


class Ahead(msgspec.Struct, frozen=True):
    """A copy of a function's code, and what is imported of it.

    Attributes:
        root: the folder of the copy.
        compiled: where its modules are kept compiled; empty for nowhere.
        modules: names of modules below the root.
    """

    root: str
    compiled: str
    modules: tuple[str, ...]

    def import_all(self) -> None:
        """Import the modules, as a replica of this code would."""
        compiled = sys.pycache_prefix
        sys.pycache_prefix = self.compiled or compiled
        sys.path.insert(0, self.root)
        try:
            for name in self.modules:
                importlib.import_module(name)
        finally:
            sys.path.remove(self.root)
            sys.pycache_prefix = compiled


def code_of(start: messages.Start, rehearsed: Rehearsal) -> Ahead | None:
    """Return what may be imported before a start like this one; None where nothing is named."""
    if not start.source.own:
        return None
    modules = rehearsed.ahead.get(Path(start.source.folder).name)
    return None if modules is None else Ahead(start.root, start.compiled, tuple(modules))
