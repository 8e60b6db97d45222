"""A layer: the packages of one ``requirements.txt`` in a folder, and how a process takes them."""

import importlib.metadata
import os
import site
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from types import ModuleType

import msgspec


class Layer(msgspec.Struct, frozen=True):
    """Packages that come before those of the gateway's own environment.

    Attributes:
        folder: Where they are; empty for none.
        differing: Names of modules that are in it otherwise than in the gateway's environment, in
            another version or without one there.
        node: Where a ``node_modules`` is that the code's folder links to; empty for none.
    """

    folder: str = ""
    differing: tuple[str, ...] = ()
    node: str = ""

    @property
    def folders(self) -> tuple[str, ...]:
        """What a replica has to see."""
        return tuple(filter(None, (self.folder, self.node)))


def enter(layer: Layer) -> None:
    """Have this process import from the layer first, as from a site of its own."""
    if not layer.folder or layer.folder in sys.path:
        return
    before = list(sys.path)
    site.addsitedir(layer.folder)  # which carries out what `.pth` files say, too
    added = [path for path in sys.path if path not in before]
    sys.path[:] = [*added, *before]


def is_too_late(layer: Layer) -> bool:
    """Tell whether this process has imported in another version what the layer has."""
    here = (sys.modules[name] for name in layer.differing if name in sys.modules)
    return any(not _comes_from(module, layer.folder) for module in here)


def environment_with(layer: Layer, env: Mapping[str, str]) -> dict[str, str]:
    """Return what a program sees: the layer's modules and commands come first."""
    if not layer.folder:
        return dict(env)
    modules = os.pathsep.join(filter(None, (layer.folder, env.get("PYTHONPATH", ""))))
    path = os.pathsep.join((str(Path(layer.folder, "bin")), env.get("PATH", os.defpath)))
    return {**env, "PYTHONPATH": modules, "PATH": path}


def differing(folder: Path) -> tuple[str, ...]:
    """Return the names of modules in a layer that the gateway's environment has otherwise."""
    found = {
        name
        for distribution in importlib.metadata.distributions(path=[str(folder)])
        if _version_here(distribution.name) != distribution.version
        for name in _modules(distribution)
    }
    return tuple(sorted(found))


def _comes_from(module: ModuleType, folder: str) -> bool:
    spec = module.__spec__
    places = [spec.origin, *(spec.submodule_search_locations or ())] if spec else []
    return any(place and place.startswith(folder) for place in places)


def _version_here(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _modules(distribution: importlib.metadata.Distribution) -> Iterator[str]:
    """Yield the names of a distribution's modules as they are imported first."""
    for file in distribution.files or ():
        first = PurePosixPath(file).parts[0]
        name = first.partition(".")[0]
        if name.isidentifier() and not first.endswith((".dist-info", ".pth")):
            yield name
