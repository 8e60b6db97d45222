"""Names of functions and namespaces."""

import re

from emulators.gateway.errors import GatewayError

DEFAULT_NAMESPACE = "openfaas-fn"
KNATIVE_DEFAULT = "default"
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_KEY = re.compile(r"(?!\.{1,2}\Z)[-._a-zA-Z0-9]{1,253}")
_SUBDOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL.pattern}(\.{_LABEL.pattern})*")


def canonical(namespace: str | None) -> str:
    """One name for the default namespace: Knative's ``default`` is OpenFaaS's ``openfaas-fn``."""
    return DEFAULT_NAMESPACE if namespace in (None, "", KNATIVE_DEFAULT) else str(namespace)


def knative_view(namespace: str) -> str:
    """The name under which Knative clients see a namespace."""
    return KNATIVE_DEFAULT if namespace == DEFAULT_NAMESPACE else namespace


def is_name(name: str) -> bool:
    """Whether it is a DNS label."""
    return _LABEL.fullmatch(name) is not None


def checked(name: str, what: str) -> str:
    """The name itself, refused unless it is a DNS label.

    Args:
        name: The name as given.
        what: The field it was given in, for the message.

    Raises:
        GatewayError: 400 naming the field and the rule.
    """
    if not is_name(name):
        raise GatewayError(
            400,
            f"{what}: {name!r} is not a valid name",
            "use up to 63 lower-case letters, digits and '-', starting and ending with one "
            "of the first two",
        )
    return name


def checked_secret(name: str, what: str) -> str:
    """The name of a secret or config map: a DNS subdomain, so that it may be a file's.

    Args:
        name: The name as given.
        what: The field it was given in, for the message.

    Raises:
        GatewayError: 400 naming the field and the rule.
    """
    if not _SUBDOMAIN.fullmatch(name):
        raise GatewayError(
            400,
            f"{what}: {name!r} is not a valid name",
            "use lower-case letters, digits, '-' and '.', e.g. api-key or tls.crt",
        )
    return name


def checked_key(key: str, what: str) -> str:
    """The key of a value in a secret or config map, which is a file's name, too.

    Args:
        key: The key as given.
        what: The field it was given in, for the message.

    Raises:
        GatewayError: 400 naming the field and the rule.
    """
    if not _KEY.fullmatch(key):
        raise GatewayError(
            400, f"{what}: {key!r} is not a valid key", "use letters, digits, '-', '_' and '.'"
        )
    return key
