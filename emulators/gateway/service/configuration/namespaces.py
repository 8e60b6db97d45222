"""OpenFaaS namespaces: names with labels and annotations."""

from pathlib import Path

import msgspec

from emulators.gateway.disk import make_folder, remove_file, write_atomically
from emulators.gateway.errors import Exists, Invalid, NotFound
from emulators.gateway.specs.names import DEFAULT_NAMESPACE, checked

MARK = "openfaas"


class Namespace(msgspec.Struct):
    """A namespace as clients send and see it."""

    name: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class NamespaceStore:
    """Keeps namespaces as ``<folder>/<name>.json``; the default one is always there.

    Args:
        folder: Where; made when needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the names that OpenFaaS works with: the default one, and those with its mark."""
        marked = [name for name in self.every() if _unmarked(self.get(name)) is None]
        return sorted({DEFAULT_NAMESPACE, *marked})

    def every(self) -> list[str]:
        """Return every name."""
        return sorted({DEFAULT_NAMESPACE, *(path.stem for path in self._folder.glob("*.json"))})

    def find(self, name: str) -> Namespace | None:
        """Return one namespace, if it was made or changed."""
        path = self._folder / f"{name}.json"
        return msgspec.json.decode(path.read_bytes(), type=Namespace) if path.exists() else None

    def made(self, name: str) -> float:
        """Return the Unix time since when it is as it is; of one never made, the data's own."""
        path = self._folder / f"{name}.json"
        return (path if path.exists() else self._folder.parent).stat().st_mtime

    def get(self, name: str) -> Namespace:
        """Return one namespace.

        Raises:
            NotFound: When it is not there.
        """
        found = self.find(name)
        if found is not None:
            return found
        if name == DEFAULT_NAMESPACE:
            return Namespace(name, {MARK: "1"}, {MARK: "1"})
        raise NotFound(f"there is no namespace {name!r}", "create it with POST")

    def create(self, namespace: Namespace) -> None:
        """Add a namespace, as OpenFaaS does.

        Raises:
            Exists: When the name is taken.
            Invalid: Without the mark.
        """
        if checked(namespace.name, "name") in self.every():
            raise Exists(f"namespace {namespace.name!r} exists", "use PUT to change it")
        self._check_mark(namespace)
        self.save(namespace)

    def replace(self, namespace: Namespace) -> None:
        """Change a namespace, as OpenFaaS does.

        Raises:
            NotFound: When it is not there.
            Invalid: Without the mark.
        """
        self.get(namespace.name)
        self._check_mark(namespace)
        self.save(namespace)

    def remove(self, name: str) -> None:
        """Remove a namespace.

        Raises:
            NotFound: When it is not there.
            Invalid: For the default one.
        """
        self.get(name)
        if name == DEFAULT_NAMESPACE:
            raise Invalid(f"{name!r} is the default namespace", "it cannot be removed")
        remove_file(self._folder / f"{name}.json")

    def save(self, namespace: Namespace) -> None:
        """Create or change a namespace, with the mark or without."""
        make_folder(self._folder)
        write_atomically(self._folder / f"{namespace.name}.json", msgspec.json.encode(namespace))

    def _check_mark(self, namespace: Namespace) -> None:
        missing = _unmarked(namespace)
        if missing:
            raise Invalid(f"namespace {namespace.name!r} lacks the {missing} openfaas=1", "add it")


def _unmarked(namespace: Namespace) -> str | None:
    """Return what lacks OpenFaaS's mark: the label or the annotation."""
    for what, values in (("label", namespace.labels), ("annotation", namespace.annotations)):
        if (values or {}).get(MARK) != "1":
            return what
    return None
