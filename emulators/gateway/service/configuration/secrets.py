"""OpenFaaS secrets: one file each, as functions read them."""

from pathlib import Path

from emulators.gateway.disk import files_in, make_folder, remove_file, write_atomically
from emulators.gateway.errors import Exists, NotFound
from emulators.gateway.service.configuration import product

_KIND = "openfaas-secrets"


class SecretStore:
    """Keeps secrets as ``<data>/openfaas-secrets/<namespace>/<name>``, for the owner alone.

    Args:
        data: The gateway's folder.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._folder = data / _KIND

    def names(self, namespace: str) -> list[str]:
        """Return the names of a namespace's secrets; values are never shown."""
        folder = self._folder / namespace
        return [path.name for path in files_in(folder)] if folder.is_dir() else []

    def create(self, namespace: str, name: str, value: bytes) -> None:
        """Add a secret.

        Raises:
            Exists: When the name is taken.
            Invalid: When it is that of the product's own.
        """
        if product.owns(self._data, _KIND, name):
            raise product.refusal(name)
        if self._path(namespace, name).exists():
            raise Exists(f"secret {name!r} exists", "use PUT to change it")
        self._write(namespace, name, value)

    def replace(self, namespace: str, name: str, value: bytes) -> None:
        """Change a secret.

        Raises:
            NotFound: When it is not there.
        """
        self._need(namespace, name)
        self._write(namespace, name, value)

    def remove(self, namespace: str, name: str) -> None:
        """Remove a secret.

        Raises:
            NotFound: When it is not there.
        """
        remove_file(self._need(namespace, name))

    def _write(self, namespace: str, name: str, value: bytes) -> None:
        path = self._path(namespace, name)
        make_folder(path.parent, 0o700)
        write_atomically(path, value)

    def _need(self, namespace: str, name: str) -> Path:
        path = self._path(namespace, name)
        if not path.exists():
            raise NotFound(f"there is no secret {name!r}", "create it with POST")
        return path

    def _path(self, namespace: str, name: str) -> Path:
        return self._folder / namespace / name
