"""Eventing objects on disk: one file each, the manifest as it came."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from emulators.gateway.disk import make_folder, remove_file, write_atomically
from emulators.gateway.specs.eventing import Broker, PingSource, Trigger
from emulators.gateway.specs.messaging import Channel, InMemoryChannel, Sequence, Subscription

Item = Broker | Trigger | PingSource | Channel | InMemoryChannel | Subscription | Sequence


class EventingStore:
    """Keeps manifests as ``<folder>/<kind>/<namespace>/<name>.json``.

    Args:
        folder: Where; made when needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, kind: type[Item]) -> Iterator[tuple[str, bytes]]:
        """Yield the namespace and the manifest of every object of a kind."""
        for path in sorted(self._folder.glob(f"{kind.__name__.lower()}/*/*.json")):
            yield path.parent.name, path.read_bytes()

    def save(self, item: Item) -> None:
        """Write an object; when this returns it survives a power cut."""
        path = self._path(item)
        make_folder(path.parent)
        write_atomically(path, msgspec.json.encode(item.manifest))

    def remove(self, item: Item) -> None:
        """Forget an object."""
        remove_file(self._path(item))

    def _path(self, item: Item) -> Path:
        return self._folder / type(item).__name__.lower() / item.namespace / f"{item.name}.json"
