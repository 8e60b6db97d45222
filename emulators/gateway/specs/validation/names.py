"""Names as Kubernetes allows them; each rule returns what is wrong, empty where nothing is."""

import re

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_LABEL = re.compile(_LABEL)
_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_OLD_LABEL = re.compile("[a-z]([-a-z0-9]*[a-z0-9])?")
_QUALIFIED = re.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_KEY = re.compile("[-._a-zA-Z0-9]+")
_HEADER = re.compile("[-A-Za-z0-9]+")
_PORT = re.compile("(?=.*[a-z])(?!-)(?!.*--)[-a-z0-9]{1,15}(?<!-)")
_VARIABLE = re.compile("[ -<>-~]+")  # printable ASCII but "="

_ALNUM = "lower case alphanumeric characters"
_LABEL_RULE = (
    f"a lowercase RFC 1123 label must consist of {_ALNUM} or '-', and must start and end with an "
    "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    f"'{_LABEL}')"
)
_SUBDOMAIN_RULE = (
    f"a lowercase RFC 1123 subdomain must consist of {_ALNUM}, '-' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    rf"'{_LABEL}(\.{_LABEL})*')"
)
_OLD_LABEL_RULE = (
    f"a DNS-1035 label must consist of {_ALNUM} or '-', start with an alphabetic character, and "
    "end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation "
    f"is '{_OLD_LABEL.pattern}')"
)
_QUALIFIED_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
    "'.', and must start and end with an alphanumeric character"
)


def label(text: str) -> str:
    """Check a DNS label (RFC 1123)."""
    return _within(text, 63) or _matching(text, _DNS_LABEL, _LABEL_RULE)


def subdomain(text: str) -> str:
    """Check a DNS subdomain (RFC 1123), as names of objects are."""
    return _within(text, 253) or _matching(text, _SUBDOMAIN, _SUBDOMAIN_RULE)


def old_label(text: str, *, prefix: bool = False) -> str:
    """Check a DNS label (RFC 1035), as names of Services are.

    Args:
        text: The name.
        prefix: Whether more will follow, so that it may end with ``-``.
    """
    whole = text[:-1] + "a" if prefix and text.endswith("-") else text
    return _within(whole, 63) or _matching(whole, _OLD_LABEL, _OLD_LABEL_RULE)


def qualified(text: str) -> str:
    """Check ``[subdomain/]name``, as keys of labels and annotations are."""
    domain, slash, name = text.rpartition("/")
    if slash and not domain:
        return "prefix part must be non-empty"
    if domain and (wrong := subdomain(domain)):
        return f"prefix part {wrong}"
    if not name:
        return "name part must be non-empty"
    wrong = _within(name, 63)
    return f"name part {wrong}" if wrong else _matching(name, _QUALIFIED, _QUALIFIED_RULE)


def label_value(text: str) -> str:
    """Check the value of a label."""
    return _within(text, 63) or (_matching(text, _QUALIFIED, _VALUE_RULE) if text else "")


def config_key(text: str) -> str:
    """Check the key of a value in a config map or secret."""
    if text in {".", ".."} or text.startswith(".."):
        return "must not be '.' and must not start with '..'"
    rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    return _within(text, 253) or _matching(text, _KEY, rule)


def header(text: str) -> str:
    """Check the name of an HTTP field."""
    rule = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return _matching(text, _HEADER, rule)


def port(text: str) -> str:
    """Check the name of a port."""
    rule = "must be up to 15 lower case letters, digits and single hyphens, with a letter"
    return _matching(text, _PORT, rule)


def variable(text: str) -> str:
    """Check the name of an environment variable."""
    rule = (
        "a valid environment variable name must consist only of printable ASCII characters other "
        "than '='"
    )
    return _matching(text, _VARIABLE, rule)


def _within(text: str, limit: int) -> str:
    return f"must be no more than {limit} characters" if len(text) > limit else ""


def _matching(text: str, pattern: re.Pattern[str], rule: str) -> str:
    return "" if pattern.fullmatch(text) else rule
