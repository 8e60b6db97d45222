"""Config maps and secrets: a folder each with one file a key, as volumes are mounted."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from emulators.gateway.disk import (
    files_in,
    make_folder,
    remove_file,
    sync,
    write_atomically,
)
from emulators.gateway.errors import Invalid
from emulators.gateway.service.configuration import product
from emulators.gateway.specs.names import DEFAULT_NAMESPACE, checked_key, is_name

# A file's name has 255 bytes at most, and the object's own file one of ".json" at its end.
_NAME = re.compile(r"(?=.{1,250}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_ABOUT = ".about"  # no object's name begins with a dot


class Config(msgspec.Struct, frozen=True):
    """One config map or secret.

    Attributes:
        about: The object without its data, as it was written; empty for a folder made by hand.
        made: Unix time of the folder.
    """

    namespace: str
    name: str
    data: dict[str, bytes]
    about: dict[str, Any] = {}
    made: float = 0.0


def folder_of(data: Path, kind: str, namespace: str) -> Path:
    """Return where the objects of a namespace are: ``configmaps``, or ``configmaps@team``.

    Args:
        data: The gateway's folder.
        kind: ``configmaps`` or ``secrets``.
        namespace: In OpenFaaS's words.
    """
    return data / (kind if namespace == DEFAULT_NAMESPACE else f"{kind}@{namespace}")


class ConfigStore:
    """Keeps the config maps, or the secrets, of every namespace.

    Args:
        data: The gateway's folder.
        kind: ``configmaps`` or ``secrets``.
    """

    def __init__(self, data: Path, kind: str) -> None:
        self._data = data
        self._kind = kind

    def every(self) -> Iterator[Config]:
        """Yield every object, by namespace and name."""
        folders = {DEFAULT_NAMESPACE: self._data / self._kind}
        for folder in sorted(self._data.glob(f"{self._kind}@*")):
            folders[folder.name.partition("@")[2]] = folder
        for namespace, folder in folders.items():
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                found = self.find(namespace, path.name)
                if found is not None:
                    yield found

    def find(self, namespace: str, name: str) -> Config | None:
        """Return one object, if it is there."""
        path = self._path(namespace, name)
        if not (is_name(namespace) and _NAME.fullmatch(name) and path.is_dir()):
            return None
        data = {file.name: file.read_bytes() for file in files_in(path)}
        about = self._about(namespace, name)
        kept = msgspec.json.decode(about.read_bytes()) if about.is_file() else {}
        return Config(namespace, name, data, kept, path.stat().st_mtime)

    def save(self, config: Config) -> None:
        """Create an object or change it; each key is there whole, or not at all.

        Raises:
            GatewayError: 400 when the name is that of a secret of the product's own.
        """
        if product.owns(self._data, self._kind, config.name):
            raise product.refusal(config.name)
        path = self._path(config.namespace, config.name)
        make_folder(path, 0o700)
        for key, value in config.data.items():
            write_atomically(path / key, value)
        for file in path.iterdir():
            if file.name not in config.data:
                file.unlink()
        about = self._about(config.namespace, config.name)
        make_folder(about.parent, 0o700)
        write_atomically(about, msgspec.json.encode(config.about))

    def remove(self, config: Config) -> None:
        """Remove an object."""
        path = self._path(config.namespace, config.name)
        remove_file(self._about(config.namespace, config.name))
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
        sync(path.parent)

    def _path(self, namespace: str, name: str) -> Path:
        return folder_of(self._data, self._kind, namespace) / name

    def _about(self, namespace: str, name: str) -> Path:
        return folder_of(self._data, self._kind, namespace) / _ABOUT / f"{name}.json"


def checked_config(name: str, data: Mapping[str, bytes]) -> None:
    """Refuse names and keys that Kubernetes refuses.

    Raises:
        Invalid: Naming what is wrong and the rule.
    """
    if not _NAME.fullmatch(name):
        raise Invalid(
            f"metadata.name: {name!r} is not a valid name",
            "use up to 250 lower-case letters, digits, '-' and '.'",
        )
    for key in data:
        checked_key(key, "data")
