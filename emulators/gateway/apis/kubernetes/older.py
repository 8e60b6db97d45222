"""Objects of a kind in an older version of its API, which differs in its name alone."""

from typing import Any

from emulators.gateway.apis.kubernetes.collection import Changeable
from emulators.gateway.apis.kubernetes.objects import Object
from emulators.gateway.apis.kubernetes.resources import Resource


class Older:
    """A collection as clients of an older version see it.

    Args:
        collection: In the current version.
        resource: The kind in the older one.
    """

    def __init__(self, collection: Changeable, resource: Resource) -> None:
        self.resource = resource
        self._collection = collection

    def objects(self) -> list[Object]:
        """Return every object."""
        return [self._shown(thing) for thing in self._collection.objects()]

    def find(self, namespace: str, name: str) -> Object | None:
        """Return one object."""
        found = self._collection.find(namespace, name)
        return self._shown(found) if found else None

    def read(self, wanted: Object) -> Any:
        """Read an object.

        Raises:
            Invalid: Naming the field that is wrong.
        """
        current = self._collection.resource.api_version
        return self._collection.read({**wanted, "apiVersion": current})

    async def put(self, item: Any) -> None:
        """Create or change an object."""
        await self._collection.put(item)

    async def remove(self, namespace: str, name: str) -> None:
        """Remove an object."""
        await self._collection.remove(namespace, name)

    def _shown(self, thing: Object) -> Object:
        return {**thing, "apiVersion": self.resource.api_version}
