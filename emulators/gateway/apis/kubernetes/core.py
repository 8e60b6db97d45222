"""Config maps, secrets and namespaces, as objects of the Kubernetes API."""

import abc
import base64
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from emulators.gateway.apis.kubernetes.objects import (
    Object,
    identity,
    metadata_of,
    name_of,
    namespace_of,
    revised,
)
from emulators.gateway.apis.kubernetes.resources import CONFIG_MAP, NAMESPACE, SECRET
from emulators.gateway.errors import Conflict, Inapplicable, Invalid
from emulators.gateway.model.moments import timestamp
from emulators.gateway.service.configuration.configs import Config, ConfigStore, checked_config
from emulators.gateway.service.configuration.namespaces import Namespace, NamespaceStore
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.specs.names import DEFAULT_NAMESPACE, canonical, checked, knative_view

_VALUES = ("data", "binaryData", "stringData")


class _Configs(abc.ABC):
    """What config maps and secrets have in common.

    Args:
        store: Keeps them.
        changed: Called when one is there or has changed.
    """

    def __init__(self, store: ConfigStore, changed: Callable[[], None]) -> None:
        self._store = store
        self._changed = changed

    def objects(self) -> list[Object]:
        """Return every object."""
        return [self._object(config) for config in self._store.every()]

    def find(self, namespace: str, name: str) -> Object | None:
        """Return one object."""
        config = self._store.find(canonical(namespace), name)
        return self._object(config) if config else None

    async def put(self, item: Config) -> None:
        """Create or change an object; volumes have it at once, environments at the next start."""
        before = self._store.find(item.namespace, item.name)
        kept = bool(before and before.about.get("immutable"))
        if before and kept and (before.data != item.data or not item.about.get("immutable")):
            raise Inapplicable(f"{item.name!r} is immutable", "make another, or remove it")
        fresh = {"uid": str(uuid.uuid4()), "creationTimestamp": timestamp(time.time())}
        old = self._object(before) if before else None
        about = revised(item.about, old, fresh)
        del about["metadata"]["generation"]  # these kinds have none
        self._store.save(msgspec.structs.replace(item, about=about))
        self._changed()

    async def remove(self, namespace: str, name: str) -> None:
        """Remove an object."""
        config = self._store.find(canonical(namespace), name)
        if config is not None:
            self._store.remove(config)

    def _config(self, wanted: Object, data: dict[str, bytes]) -> Config:
        name, namespace = name_of(wanted), canonical(namespace_of(wanted))
        checked_config(name, data)
        checked(namespace, "metadata.namespace")
        about = {key: value for key, value in wanted.items() if key not in _VALUES}
        return Config(namespace, name, data, about)

    def _object(self, config: Config) -> Object:
        space = knative_view(config.namespace)
        metadata = {
            "uid": identity(type(self).__name__, space, config.name),
            "creationTimestamp": timestamp(config.made),
            **metadata_of(config.about),
            "name": config.name,
            "namespace": space,
        }
        return config.about | {"metadata": metadata} | self._content(config)

    @abc.abstractmethod
    def _content(self, config: Config) -> Object:
        """Return what an object of the kind shows of its data."""


class ConfigMaps(_Configs):
    """``v1`` ConfigMaps."""

    resource = CONFIG_MAP

    def read(self, wanted: Object) -> Config:
        """Read a config map.

        Raises:
            Invalid: Naming the field that is wrong.
        """
        data = {key: value.encode() for key, value in _texts(wanted, "data").items()}
        return self._config(wanted, data | _decoded(wanted, "binaryData"))

    def _content(self, config: Config) -> Object:
        texts, raw = {}, {}
        for key, value in config.data.items():
            try:
                texts[key] = value.decode()
            except UnicodeDecodeError:
                raw[key] = base64.b64encode(value).decode()
        shown = {"apiVersion": "v1", "kind": "ConfigMap", "data": texts, "binaryData": raw}
        return {key: value for key, value in shown.items() if value}


class Secrets(_Configs):
    """``v1`` Secrets; values are shown as Kubernetes shows them, to whoever has the password."""

    resource = SECRET

    def read(self, wanted: Object) -> Config:
        """Read a secret.

        Raises:
            Invalid: Naming the field that is wrong.
        """
        data = _decoded(wanted, "data")
        data |= {key: value.encode() for key, value in _texts(wanted, "stringData").items()}
        return self._config({"type": "Opaque", **wanted}, data)

    def _content(self, config: Config) -> Object:
        data = {key: base64.b64encode(value).decode() for key, value in config.data.items()}
        kind = config.about.get("type", "Opaque")
        return {"apiVersion": "v1", "kind": "Secret", "type": kind, "data": data}


class Namespaces:
    """``v1`` Namespaces: those that were made, and those that functions are in.

    Args:
        namespaces: Where they are kept.
        plane: The functions.
    """

    resource = NAMESPACE

    def __init__(self, namespaces: NamespaceStore, plane: Plane) -> None:
        self._namespaces = namespaces
        self._plane = plane

    def objects(self) -> list[Object]:
        """Return every namespace."""
        used = {namespace for namespace, _ in self._plane.functions}
        return [self._object(name) for name in sorted({*self._namespaces.every(), *used})]

    def find(self, namespace: str, name: str) -> Object | None:  # noqa: ARG002 - it has none
        """Return one namespace."""
        return next((item for item in self.objects() if name_of(item) == name), None)

    def read(self, wanted: Object) -> Namespace:
        """Read a namespace.

        Raises:
            Invalid: When its name is no DNS label.
            Conflict: For OpenFaaS's own name of the default one.
        """
        metadata = metadata_of(wanted)
        if name_of(wanted) == DEFAULT_NAMESPACE:
            raise Conflict(
                f"namespace {DEFAULT_NAMESPACE!r} is there as 'default'", "use that name"
            )
        name = checked(canonical(name_of(wanted)), "metadata.name")
        return Namespace(name, metadata.get("labels"), metadata.get("annotations"))

    async def put(self, item: Namespace) -> None:
        """Create or change one."""
        self._namespaces.save(item)

    async def remove(self, namespace: str, name: str) -> None:  # noqa: ARG002 - it has none
        """Remove one that holds no function.

        Raises:
            Conflict: When it holds some.
            Invalid: For the default one.
        """
        if self._plane.listed(name):
            raise Conflict(f"namespace {name!r} holds functions", "remove them first")
        self._namespaces.remove(canonical(name))

    def _object(self, name: str) -> Object:
        kept = self._namespaces.find(name) or Namespace(name)
        shown = "default" if name == DEFAULT_NAMESPACE else name
        metadata: Object = {
            "name": shown,
            "uid": identity("namespaces", name),
            "labels": {**(kept.labels or {}), "kubernetes.io/metadata.name": shown},
            "creationTimestamp": timestamp(self._namespaces.made(name)),
        }
        if kept.annotations:
            metadata["annotations"] = kept.annotations
        return {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": metadata,
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        }


def _texts(wanted: Object, field: str) -> dict[str, str]:
    found: Any = wanted.get(field) or {}
    if not isinstance(found, Mapping) or not all(isinstance(v, str) for v in found.values()):
        raise Invalid(f"{field}: every value must be text", "put numbers in quotes")
    return dict(found)


def _decoded(wanted: Object, field: str) -> dict[str, bytes]:
    values = {}
    for key, text in _texts(wanted, field).items():
        try:
            values[key] = base64.b64decode(text, validate=True)
        except ValueError as error:  # binascii's own, or for letters beyond ASCII
            raise Invalid(f"{field}.{key} is not base64", "encode it, or use stringData") from error
    return values
