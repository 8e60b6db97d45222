"""OpenFaaS's API for secrets and namespaces."""

import base64
from collections.abc import Callable

import msgspec

from emulators.gateway.apis.admin import Admin
from emulators.gateway.errors import Invalid
from emulators.gateway.http.bodies import decode, namespace_of, reply
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.service.configuration.namespaces import Namespace, NamespaceStore
from emulators.gateway.service.configuration.secrets import SecretStore
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.specs.names import checked_secret


class Secret(msgspec.Struct):
    """A secret as clients send it."""

    name: str
    namespace: str = ""
    value: str = ""
    rawValue: str = ""  # noqa: N815 - the protocol's own word

    def content(self) -> bytes:
        """Return what the file will hold.

        Raises:
            Invalid: When rawValue is not base64.
        """
        try:
            raw = base64.b64decode(self.rawValue, validate=True)
        except ValueError as error:  # binascii's own, or for letters beyond ASCII
            raise Invalid("rawValue is not base64", "encode it, or use value") from error
        return raw or self.value.encode()


class SecretsApi:
    """Routes under ``/system/secrets``.

    Args:
        secrets: Where they are kept.
        changed: Told the namespace and name of one that has another value now.
    """

    def __init__(self, secrets: SecretStore, changed: Callable[[str, str], None]) -> None:
        self._secrets = secrets
        self._changed = changed

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("GET", "/system/secrets", self.list)
        admin.add("POST", "/system/secrets", self.create)
        admin.add("PUT", "/system/secrets", self.replace)
        admin.add("DELETE", "/system/secrets", self.remove)

    async def list(self, incoming: Incoming) -> Answer:
        """Return names alone."""
        namespace = namespace_of(incoming)
        names = self._secrets.names(namespace)
        return reply(200, [{"name": name, "namespace": namespace} for name in names])

    async def create(self, incoming: Incoming) -> Answer:
        """Add one."""
        secret, namespace = self._read(incoming)
        self._secrets.create(namespace, secret.name, secret.content())
        return Answer(202)

    async def replace(self, incoming: Incoming) -> Answer:
        """Change one."""
        secret, namespace = self._read(incoming)
        self._secrets.replace(namespace, secret.name, secret.content())
        self._changed(namespace, secret.name)
        return Answer(202)

    async def remove(self, incoming: Incoming) -> Answer:
        """Remove one."""
        secret, namespace = self._read(incoming)
        self._secrets.remove(namespace, secret.name)
        return Answer(202)

    def _read(self, incoming: Incoming) -> tuple[Secret, str]:
        secret = decode(incoming.body, Secret)
        checked_secret(secret.name, "name")
        return secret, namespace_of(incoming, secret.namespace)


class NamespacesApi:
    """Routes under ``/system/namespaces`` and ``/system/namespace``.

    Args:
        namespaces: Where they are kept.
        plane: The functions, for the namespaces that they are in.
    """

    def __init__(self, namespaces: NamespaceStore, plane: Plane) -> None:
        self._namespaces = namespaces
        self._plane = plane

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("GET", "/system/namespaces", self.list)
        admin.add("POST", "/system/namespace", self.create)
        admin.add("POST", "/system/namespace/", self.create)
        admin.add("POST", "/system/namespace/{name}", self.create)
        admin.add("GET", "/system/namespace/{name}", self.describe)
        admin.add("PUT", "/system/namespace/{name}", self.replace)
        admin.add("DELETE", "/system/namespace/{name}", self.remove)

    async def list(self, _: Incoming) -> Answer:
        """Return every name."""
        used = {namespace for namespace, _ in self._plane.functions}
        return reply(200, sorted({*self._namespaces.names(), *used}))

    async def describe(self, _: Incoming, name: str) -> Answer:
        """Return one namespace."""
        return reply(200, self._namespaces.get(name))

    async def create(self, incoming: Incoming, name: str = "") -> Answer:
        """Add one."""
        self._namespaces.create(self._read(incoming, name))
        return Answer(202)

    async def replace(self, incoming: Incoming, name: str) -> Answer:
        """Change one."""
        self._namespaces.replace(self._read(incoming, name))
        return Answer(202)

    async def remove(self, _: Incoming, name: str) -> Answer:
        """Remove one that holds no function."""
        if self._plane.listed(name):
            raise Invalid(f"namespace {name!r} holds functions", "remove them first")
        self._namespaces.remove(name)
        return Answer(202)

    def _read(self, incoming: Incoming, name: str) -> Namespace:
        namespace = decode(incoming.body, Namespace)
        namespace.name = namespace.name or name
        if name and namespace.name != name:
            raise Invalid(f"the body names {namespace.name!r}", f"name {name!r} in both")
        return namespace
