"""Which function, and which of its revisions, a name in an address means."""

from emulators.gateway.errors import not_found
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.specs.names import DEFAULT_NAMESPACE, KNATIVE_DEFAULT


class Directory:
    """Functions by every name they have, and tags of their revisions."""

    def __init__(self) -> None:
        self._names: dict[str, Function] = {}
        self._tags: dict[str, tuple[Function, str]] = {}

    def enter(self, function: Function) -> None:
        """Add a function, or bring its tags up to date."""
        self.leave(function)
        if not function.shares:  # its traffic is to go to what is not there
            return
        for alias in _aliases(function.name, function.namespace):
            self._names[alias] = function
        for tag in function.tags:
            for alias in _aliases(f"{tag}-{function.name}", function.namespace):
                self._tags[alias] = function, tag

    def leave(self, function: Function) -> None:
        """Forget a function."""
        self._names = {n: f for n, f in self._names.items() if f is not function}
        self._tags = {n: entry for n, entry in self._tags.items() if entry[0] is not function}

    def resolve(self, name: str) -> tuple[Function, str]:
        """Find the function of a name in an address, and its revision's tag if it has one.

        Args:
            name: ``name``, ``name.namespace``, or either with ``tag-`` before it.

        Raises:
            NotFound: Listing the functions that there are.
        """
        function = self._names.get(name)
        if function is not None:
            return function, ""
        tagged = self._tags.get(name)
        if tagged is None:
            raise not_found(name, sorted({function.name for function in self._names.values()}))
        return tagged


def _aliases(name: str, namespace: str) -> list[str]:
    names = [f"{name}.{namespace}"]
    if namespace == DEFAULT_NAMESPACE:
        names += [name, f"{name}.{KNATIVE_DEFAULT}"]
    return names
