"""What every Kubernetes object has: names, times, identity, and what only the server may set."""

import copy
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from emulators.gateway.errors import Invalid
from emulators.gateway.specs.names import canonical, knative_view

Object = dict[str, Any]

SERVER_SET = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
)
_DEEPEST = 100
_IDENTITIES = uuid.UUID("6f3d1c1e-6a0b-4d0e-9a3e-0d5c6b1f7a52")  # ours, for `identity`


def identity(*parts: object) -> str:
    """Return a uid that stays the same for the same parts, over restarts, too."""
    return str(uuid.uuid5(_IDENTITIES, "/".join(str(part) for part in parts)))


def owner(api_version: str, kind: str, name: str, uid: str) -> Object:
    """Return the reference that an object has to what made it."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": name,
        "uid": uid,
        "controller": True,
        "blockOwnerDeletion": True,
    }


def metadata_of(thing: Mapping[str, Any]) -> Object:
    """Return an object's metadata, empty where it has none."""
    found = thing.get("metadata")
    return dict(found) if isinstance(found, dict) else {}


def namespace_of(thing: Mapping[str, Any]) -> str:
    """Return an object's namespace, empty for one of the whole cluster."""
    return str(metadata_of(thing).get("namespace", ""))


def name_of(thing: Mapping[str, Any]) -> str:
    """Return an object's name."""
    return str(metadata_of(thing).get("name", ""))


def wanted(thing: Mapping[str, Any]) -> Object:
    """Return what a client asks for: the object without status and without what the server sets."""
    asked = {key: copy.deepcopy(value) for key, value in thing.items() if key != "status"}
    asked["metadata"] = {
        key: value for key, value in metadata_of(asked).items() if key not in SERVER_SET
    }
    return asked


def placed(thing: Mapping[str, Any], namespace: str, name: str) -> Object:
    """Return the object with the namespace and the name of the address that it was sent to.

    Args:
        thing: As sent.
        namespace: Of the address, as clients of Kubernetes write it; empty for the whole cluster.
        name: Of the address; empty when it names none.

    Raises:
        Invalid: When the object says otherwise, or has no name.
    """
    metadata = metadata_of(thing)
    given = metadata.get("name") or name
    if not given:
        raise Invalid("metadata.name is missing", "give the object a name")
    if name and given != name:
        raise Invalid(
            f"metadata.name is {given!r}, the address says {name!r}", "make them the same"
        )
    space = metadata.get("namespace") or namespace
    if namespace and canonical(str(space)) != canonical(namespace):
        raise Invalid(
            f"metadata.namespace is {space!r}, which differs from the address ({namespace!r})",
            "make them the same",
        )
    for field in ("labels", "annotations"):
        _check_texts(metadata.get(field), f"metadata.{field}")
    metadata["name"] = given
    if namespace:
        metadata["namespace"] = knative_view(canonical(namespace))
    return {**thing, "metadata": metadata}


def check_depth(thing: Any) -> None:
    """Refuse what is nested so deeply that it could be taken, and not be shown again.

    Raises:
        Invalid: When it is nested too deeply.
    """
    level = [thing]
    for _ in range(_DEEPEST):
        level = [part for one in level for part in _parts(one)]
        if not level:
            return
    raise Invalid(f"the body is nested over {_DEEPEST} deep", "send a flatter one")


def _parts(thing: Any) -> Iterable[Any]:
    if isinstance(thing, dict):
        return thing.values()
    return thing if isinstance(thing, list) else ()


def _check_texts(values: Any, field: str) -> None:
    fine = values is None or (
        isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
    )
    if not fine:
        raise Invalid(f"{field}: every value must be text", "put numbers in quotes")


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether both ask for the same."""
    return wanted(one) == wanted(other)


def revised(asked: Object, before: Object | None, fresh: Mapping[str, Any]) -> Object:
    """Return what is kept of an object that is created or changed.

    Args:
        asked: What the client asks for.
        before: The object as it was, with its metadata; None when it is new.
        fresh: Metadata of a new object: uid and creationTimestamp.
    """
    old = metadata_of(before or {})
    generation = int(old.get("generation", 0))
    if before is None or any(asked.get(k) != before.get(k) for k in {*asked, *before} - _BESIDES):
        generation += 1
    kept = {key: old[key] for key in fresh if key in old} if before else dict(fresh)
    return {**asked, "metadata": metadata_of(asked) | kept | {"generation": generation}}


_BESIDES = {"apiVersion", "kind", "metadata", "status"}
