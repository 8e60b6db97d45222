"""Where functions are called: a template, so that each platform's addresses are a setting.

| platform | MAYFLY_FUNCTION_URL |
|---|---|
| local, OpenFaaS | `http://127.0.0.1:8080/function/{name}{path}` |
| Knative | `http://{name}.{namespace}.svc.cluster.local{path}` |
| Cloud Run | `https://{name}-NUMBER.REGION.run.app{path}` |
"""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from functions.kit.adapters.config import ConfigError, setting
from functions.kit.lazy import pattern

TEMPLATE = "MAYFLY_FUNCTION_URL"
GATEWAY = "MAYFLY_GATEWAY_URL"
NAMESPACE = "MAYFLY_NAMESPACE"
INGRESS = "MAYFLY_INGRESS"
DEFAULT_GATEWAY = "http://127.0.0.1:8080"
BY_PATH = "/function/{name}{path}"

_PLACEHOLDER = pattern(r"\{(name|namespace|path)\}")
_NAME = pattern(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_REMEDIES = {
    GATEWAY: f"give the gateway's address, such as {DEFAULT_GATEWAY}",
    TEMPLATE: f"give an address with {{name}} that ends with {{path}}, such as {DEFAULT_GATEWAY}"
    f"{BY_PATH} or http://{{name}}.{{namespace}}.svc.cluster.local{{path}}",
}


class Ingress(NamedTuple):
    """Where to connect to in place of the host that an address names."""

    host: str
    port: int


class FunctionAddresses(msgspec.Struct, frozen=True):
    """The address of each function.

    Attributes:
        template: a URL with the placeholders {name}, {namespace} and, at its end, {path}.
        namespace: what {namespace} stands for.
        ingress: what to connect to where the hosts of the template do not resolve; the Host
            header is the template's all the same.
    """

    template: str
    namespace: str = "default"
    ingress: Ingress | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "FunctionAddresses":
        """Read the addresses.

        Without MAYFLY_FUNCTION_URL functions are below MAYFLY_GATEWAY_URL, as OpenFaaS has them.

        Raises:
            ConfigError: a value is wrong.
        """
        if env.get(TEMPLATE):
            key, template = TEMPLATE, env[TEMPLATE]
        else:
            key, template = GATEWAY, (env.get(GATEWAY) or DEFAULT_GATEWAY).rstrip("/") + BY_PATH
        wrong = _flaw(template)
        if wrong:
            raise ConfigError(f"{key}={env[key]!r} {wrong}; {_REMEDIES[key]}.")
        return cls(template, _namespace(env, template), _ingress(env))

    @property
    def is_secure(self) -> bool:
        """Whether certificates matter."""
        return self.template.startswith("https:")

    def url(self, function: str, path: str = "") -> str:
        """Return the address of `path` (with its query) of a function.

        Raises:
            ValueError: `function` cannot be a name: it would lead elsewhere.
        """
        if not _NAME.fullmatch(function):
            raise ValueError(f"{function!r} is no name of a function.")
        values = {"name": function, "namespace": self.namespace, "path": path}
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self.template)

    def base_path(self, function: str) -> str:
        """Return what stands before a function's own paths on its host; empty for nothing."""
        return urlsplit(self.url(function)).path.rstrip("/")


def _flaw(template: str) -> str:
    """Return what is wrong with a template; empty for nothing."""
    bare = _PLACEHOLDER.sub("x", template)
    if "{" in bare or "}" in bare:
        return "has a brace that is part of no {name}, {namespace} or {path}"
    if "{name}" not in template:
        return "does not say where {name} goes"
    if template.count("{path}") != 1 or not template.endswith("{path}"):
        return "does not end with its one {path}"
    return "" if _is_url(bare) else "is no URL"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        whole = parts.hostname and parts.port != 0 and parts.username is None
    except ValueError:  # a port that is no number, half a bracket
        return False
    plain = text.isascii() and text.isprintable() and " " not in text and "#" not in text
    return bool(whole and plain and parts.scheme in {"http", "https"})


def _namespace(env: Mapping[str, str], template: str) -> str:
    """Return the namespace; OpenFaaS has its functions in one of its own."""
    default = "openfaas-fn" if "/function/{name}" in template else "default"
    namespace = setting(env, NAMESPACE, str, default)
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", namespace):
        raise ConfigError(f"{NAMESPACE}={namespace!r} is no namespace: a-z, 0-9 and - make one.")
    return namespace


def _ingress(env: Mapping[str, str]) -> Ingress | None:
    text = env.get(INGRESS)
    if not text:
        return None
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.netloc != text or "@" in text:
        raise ConfigError(f"{INGRESS}={text!r} is no host:port, such as 127.0.0.1:8080.")
    return Ingress(host, port)
