"""Where functions are called: a template, so that each platform's addresses are a setting."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlsplit

DEFAULT_GATEWAY = "http://127.0.0.1:8080"
BY_PATH = "/function/{name}{path}"

_PLACEHOLDER = re.compile(r"\{(name|namespace|path)\}")
_GATEWAY_REMEDY = f"give the gateway's address, such as {DEFAULT_GATEWAY}"
_TEMPLATE_REMEDY = (
    f"give an address with {{name}} that ends with {{path}}, such as {DEFAULT_GATEWAY}{BY_PATH} "
    "or http://{name}.{namespace}.svc.cluster.local{path}"
)


class Ingress(NamedTuple):
    """Where to connect to in place of the host that an address names."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Addresses:
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

    def url(self, function: str, path: str = "") -> str:
        """Return the address of `path` (with its query) of a function."""
        values = {"name": function, "namespace": self.namespace, "path": path}
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self.template)

    def place(self, function: str) -> str:
        """Return what is connected to for a function, in words."""
        parts = urlsplit(self.url(function))
        return str(self.ingress or f"{parts.scheme}://{parts.netloc}")


def from_env(env: Mapping[str, str]) -> Addresses:
    """Read the addresses; without MAYFLY_FUNCTION_URL functions are below MAYFLY_GATEWAY_URL.

    Raises:
        ValueError: a value is wrong; the text names key, value and remedy.
    """
    if env.get("MAYFLY_FUNCTION_URL"):
        template = _checked(env, "MAYFLY_FUNCTION_URL", env["MAYFLY_FUNCTION_URL"])
    else:
        gateway = env.get("MAYFLY_GATEWAY_URL") or DEFAULT_GATEWAY
        template = _checked(env, "MAYFLY_GATEWAY_URL", gateway.rstrip("/") + BY_PATH)
    return Addresses(template, _namespace(env, template), _ingress(env))


def public_from_env(env: Mapping[str, str], own: Addresses) -> Addresses:
    """Return the addresses as a reader's own machine reaches them.

    MAYFLY_PUBLIC_URL is a template, or what stands before OpenFaaS's paths; without it, a reader's
    machine takes our own way.

    Raises:
        ValueError: it is neither.
    """
    text = env.get("MAYFLY_PUBLIC_URL")
    if not text:
        return own
    whole = text if "{" in text else text.rstrip("/") + BY_PATH
    return replace(own, template=_checked(env, "MAYFLY_PUBLIC_URL", whole), ingress=None)


def _checked(env: Mapping[str, str], key: str, template: str) -> str:
    wrong = _flaw(template)
    if wrong:
        remedy = _GATEWAY_REMEDY if key == "MAYFLY_GATEWAY_URL" else _TEMPLATE_REMEDY
        raise ValueError(f"{key}={env[key]!r} {wrong}; {remedy}.")
    return template


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
    namespace = env.get("MAYFLY_NAMESPACE", default)
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", namespace):
        raise ValueError(
            f"MAYFLY_NAMESPACE={namespace!r} is no namespace: a-z, 0-9 and - make one."
        )
    return namespace


def _ingress(env: Mapping[str, str]) -> Ingress | None:
    text = env.get("MAYFLY_INGRESS")
    if not text:
        return None
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.netloc != text or "@" in text:
        raise ValueError(f"MAYFLY_INGRESS={text!r} is no host:port, such as 127.0.0.1:8080.")
    return Ingress(host, port)
