"""Which function, and which of its revisions, a name in an address means."""

from emulators.gateway.errors import NotFound, not_found
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.specs.names import DEFAULT_NAMESPACE, KNATIVE_DEFAULT, knative_view


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

    def resolve(self, name: str, *, outside: bool = False) -> tuple[Function, str]:
        """Find the function of a name in an address, and its revision's tag if it has one.

        Args:
            name: ``name``, ``name.namespace``, or either with ``tag-`` before it.
            outside: Whether the address is one for those outside of the cluster.

        Raises:
            NotFound: Listing the functions that there are; or to those outside, for one that is
                for the cluster alone.
        """
        function = self._names.get(name)
        if function is None:
            found = self._tags.get(name)
            if found is None:
                raise not_found(name, sorted({f.name for f in self._names.values()}))
        else:
            found = function, ""
        if outside and found[0].deployment.cluster_local:
            raise _hidden(found[0])
        return found


def _hidden(function: Function) -> NotFound:
    place = f"{function.name}.{knative_view(function.namespace)}.svc.cluster.local"
    return NotFound(
        f"function {function.name!r} is not to be had from outside: it is cluster-local",
        f"call it as {place}, or take the label off",
    )


def _aliases(name: str, namespace: str) -> list[str]:
    names = [f"{name}.{namespace}"]
    if namespace == DEFAULT_NAMESPACE:
        names += [name, f"{name}.{KNATIVE_DEFAULT}"]
    return names
