"""Names of functions and namespaces."""

import re

from emulators.gateway.errors import Invalid

DEFAULT_NAMESPACE = "openfaas-fn"
KNATIVE_DEFAULT = "default"
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_KEY = re.compile(r"(?!\.{1,2}\Z)[-._a-zA-Z0-9]{1,253}")
_SUBDOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL.pattern}(\.{_LABEL.pattern})*")
_LABEL_RULE = (
    "use up to 63 lower-case letters, digits and '-', starting and ending with one of the first two"
)
_KEY_RULE = "use letters, digits, '-', '_' and '.'"
_SUBDOMAIN_RULE = "use lower-case letters, digits, '-' and '.', e.g. api-key or tls.crt"


def canonical(namespace: str | None) -> str:
    """Give the default namespace one name: Knative's ``default`` is ``openfaas-fn`` here."""
    return DEFAULT_NAMESPACE if namespace in (None, "", KNATIVE_DEFAULT) else str(namespace)


def knative_view(namespace: str) -> str:
    """Return the name under which Knative clients see a namespace."""
    return KNATIVE_DEFAULT if namespace == DEFAULT_NAMESPACE else namespace


def is_name(name: str) -> bool:
    """Tell whether it is a DNS label."""
    return _LABEL.fullmatch(name) is not None


def checked(name: str, what: str) -> str:
    """Return the name itself, refused unless it is a DNS label.

    Args:
        name: The name as given.
        what: The field it was given in, for the message.

    Raises:
        Invalid: Naming the field and the rule.
    """
    return _fitting(name, _LABEL, f"{what}: {name!r} is not a valid name", _LABEL_RULE)


def checked_secret(name: str, what: str) -> str:
    """Return the name of a secret or config map: a DNS subdomain, so that it may be a file's.

    Args:
        name: The name as given.
        what: The field it was given in, for the message.

    Raises:
        Invalid: Naming the field and the rule.
    """
    return _fitting(name, _SUBDOMAIN, f"{what}: {name!r} is not a valid name", _SUBDOMAIN_RULE)


def checked_key(key: str, what: str) -> str:
    """Return the key of a value in a secret or config map, which is a file's name, too.

    Args:
        key: The key as given.
        what: The field it was given in, for the message.

    Raises:
        Invalid: Naming the field and the rule.
    """
    return _fitting(key, _KEY, f"{what}: {key!r} is not a valid key", _KEY_RULE)


def _fitting(text: str, pattern: re.Pattern[str], problem: str, rule: str) -> str:
    if not pattern.fullmatch(text):
        raise Invalid(problem, rule)
    return text
