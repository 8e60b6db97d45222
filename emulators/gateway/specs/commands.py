"""Command lines as deploy files write them (pure)."""

import re
import shlex
from collections.abc import Mapping

from emulators.gateway.errors import Invalid

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


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


def expanded(text: str, env: Mapping[str, str]) -> str:
    """Return the text with ``$(NAME)`` replaced by variables, as Kubernetes does.

    An unknown name is left as it is, and ``$$`` stands for ``$``: ``$$(NAME)`` for ``$(NAME)``.
    """

    def value(found: re.Match[str]) -> str:
        return "$" if found[1] is None else env.get(found[1], found[0])

    return _REFERENCE.sub(value, text)
