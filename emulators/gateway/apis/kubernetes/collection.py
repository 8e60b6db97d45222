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
        """Every object as it is now, without its resourceVersion."""

    def find(self, namespace: str, name: str) -> Object | None:
        """One object as it is now, without its resourceVersion."""


class Changeable(Collection, Protocol):
    """A collection whose objects clients change."""

    def read(self, wanted: Object) -> Any:
        """Checks an object and reads it into what `put` takes.

        Raises:
            Invalid: Naming the field that is wrong.
        """

    async def put(self, item: Any) -> None:
        """Creates an object or changes it; when this returns it is on disk.

        Raises:
            GatewayError: When it cannot be.
        """

    async def remove(self, namespace: str, name: str) -> None:
        """Removes an object that is there.

        Raises:
            GatewayError: When it cannot be.
        """


class ReadOnly:
    """For collections of which clients change nothing."""

    def read(self, wanted: Object) -> Any:
        """Refuses."""
        raise NotAllowed(f"{wanted.get('kind')} objects are made by the gateway")

    async def put(self, item: Any) -> None:
        """Refuses, as `read` did."""
        self.read(item)

    async def remove(self, namespace: str, name: str) -> None:
        """Refuses."""
        raise NotAllowed(f"{namespace}/{name} is made by the gateway", "remove its owner")
