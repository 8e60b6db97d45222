"""OpenFaaS namespaces: names with labels and annotations."""

from pathlib import Path

import msgspec

from emulators.gateway.errors import GatewayError
from emulators.gateway.service.store import write_atomically
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
        """Every name."""
        return sorted({DEFAULT_NAMESPACE, *(path.stem for path in self._folder.glob("*.json"))})

    def get(self, name: str) -> Namespace:
        """One namespace.

        Raises:
            GatewayError: 404 when it is not there.
        """
        path = self._folder / f"{name}.json"
        if path.exists():
            return msgspec.json.decode(path.read_bytes(), type=Namespace)
        if name == DEFAULT_NAMESPACE:
            return Namespace(name, {MARK: "1"}, {MARK: "1"})
        raise GatewayError(404, f"there is no namespace {name!r}", "create it with POST")

    def create(self, namespace: Namespace) -> None:
        """Adds a namespace.

        Raises:
            GatewayError: 409 when the name is taken, 400 without the mark.
        """
        if checked(namespace.name, "name") in self.names():
            raise GatewayError(409, f"namespace {namespace.name!r} exists", "use PUT to change it")
        self._save(namespace)

    def replace(self, namespace: Namespace) -> None:
        """Changes a namespace.

        Raises:
            GatewayError: 404 when it is not there, 400 without the mark.
        """
        self.get(namespace.name)
        self._save(namespace)

    def remove(self, name: str) -> None:
        """Removes a namespace.

        Raises:
            GatewayError: 404 when it is not there, 400 for the default one.
        """
        self.get(name)
        if name == DEFAULT_NAMESPACE:
            raise GatewayError(400, f"{name!r} is the default namespace", "it cannot be removed")
        (self._folder / f"{name}.json").unlink()

    def _save(self, namespace: Namespace) -> None:
        for what, values in (("label", namespace.labels), ("annotation", namespace.annotations)):
            if (values or {}).get(MARK) != "1":
                raise GatewayError(
                    400, f"namespace {namespace.name!r} lacks the {what} openfaas=1", "add it"
                )
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self._folder / f"{namespace.name}.json", msgspec.json.encode(namespace))
