"""What a kind of object must offer to be served by the API."""

from typing import Any, Protocol

from emulators.gateway.apis.kubernetes.objects import Object
from emulators.gateway.apis.kubernetes.resources import Resource
from emulators.gateway.errors import NotAllowed


class Collection(Protocol):
    """The objects of one kind, of every namespace. Namespaces are named as Kubernetes names them.

    Attributes:
        resource: What the objects are.
    """

    resource: Resource

    def objects(self) -> list[Object]:
        """Return every object as it is now, without its resourceVersion."""

    def find(self, namespace: str, name: str) -> Object | None:
        """Return one object as it is now, without its resourceVersion."""


class Changeable(Collection, Protocol):
    """A collection whose objects clients change."""

    def read(self, wanted: Object) -> Any:
        """Check an object and read it into what `put` takes.

        Raises:
            Invalid: Naming the field that is wrong.
        """

    async def put(self, item: Any) -> None:
        """Create an object or change it; when this returns it is on disk.

        Raises:
            GatewayError: When it cannot be.
        """

    async def remove(self, namespace: str, name: str) -> None:
        """Remove an object that is there.

        Raises:
            GatewayError: When it cannot be.
        """


class ReadOnly:
    """For collections of which clients change nothing."""

    def read(self, wanted: Object) -> Any:
        """Refuse."""
        raise NotAllowed(f"{wanted.get('kind')} objects are made by the gateway")

    async def put(self, item: Any) -> None:
        """Refuse, as `read` did."""
        self.read(item)

    async def remove(self, namespace: str, name: str) -> None:
        """Refuse."""
        raise NotAllowed(f"{namespace}/{name} is made by the gateway", "remove its owner")
