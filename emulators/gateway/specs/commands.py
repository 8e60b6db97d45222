"""Command lines as deploy files write them (pure)."""

import re
import shlex
from collections.abc import Mapping, Sequence

from emulators.gateway.errors import Invalid

_REFERENCE = re.compile(r"\$(\$?)\(([A-Za-z_][-A-Za-z0-9_.]*)\)")


def split(text: str, field: str) -> tuple[str, ...]:
    """Return the words of a command line, quotes understood; there is no shell behind it.

    Raises:
        Invalid: Naming the field, for a quote that is not closed.
    """
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise Invalid(
            f"{field}: {text!r} cannot be split into words: {error}", "close every quote"
        ) from error


def expanded(words: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words with ``$(NAME)`` replaced by variables, as Kubernetes does.

    An unknown name is left as it is, and ``$$(NAME)`` stands for the text ``$(NAME)``.
    """

    def value(found: re.Match[str]) -> str:
        escaped, name = found.groups()
        return f"$({name})" if escaped else env.get(name, found[0])

    return tuple(_REFERENCE.sub(value, word) for word in words)
