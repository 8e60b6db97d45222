"""The kinds that are served, as definitions of custom resources: clients ask which there are.

`kn source list` finds the kinds of sources so, by a label.
"""

from collections.abc import Iterable

from emulators.gateway.apis.kubernetes.collection import ReadOnly
from emulators.gateway.apis.kubernetes.objects import Object, identity
from emulators.gateway.apis.kubernetes.resources import (
    DEFINITION,
    SOURCES,
    Resource,
)
from emulators.gateway.model.moments import timestamp

_SOURCE = {"duck.knative.dev/source": "true"}


class Definitions(ReadOnly):
    """``apiextensions.k8s.io`` definitions: one for each kind that Kubernetes itself has not.

    Args:
        resources: Every kind that is served, in each of its versions, the current one first.
        since: Unix time since when they are.
    """

    resource = DEFINITION

    def __init__(self, resources: Iterable[Resource], since: float) -> None:
        kinds: dict[str, list[Resource]] = {}
        for one in resources:
            if one.group and one.group != DEFINITION.group:
                kinds.setdefault(one.qualified, []).append(one)
        self._objects = {name: _object(kinds[name], since) for name in sorted(kinds)}

    def objects(self) -> list[Object]:
        """Return every definition."""
        return list(self._objects.values())

    def find(self, namespace: str, name: str) -> Object | None:  # noqa: ARG002 - the interface's
        """Return one definition."""
        return self._objects.get(name)


def _object(versions: list[Resource], since: float) -> Object:
    current = versions[0]
    names = {"kind": current.kind, "listKind": f"{current.kind}List", "plural": current.plural}
    names |= {"singular": current.singular}
    established = {"type": "Established", "status": "True", "reason": "InitialNamesAccepted"}
    return {
        "apiVersion": DEFINITION.api_version,
        "kind": DEFINITION.kind,
        "metadata": {
            "name": current.qualified,
            "uid": identity(DEFINITION.qualified, current.qualified),
            "creationTimestamp": timestamp(since),
            "labels": _SOURCE if current.group == SOURCES else {},
        },
        "spec": {
            "group": current.group,
            "names": names | {"shortNames": list(current.short_names)},
            "scope": "Namespaced" if current.namespaced else "Cluster",
            "versions": [
                {"name": one.version, "served": True, "storage": one is current} for one in versions
            ],
        },
        "status": {"conditions": [established], "acceptedNames": names},
    }
