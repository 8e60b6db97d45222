"""Names of fields: what protoc and every language of its take, for columns and labels of any."""

import re
import unicodedata
from collections.abc import Sequence

FIRST_RESERVED, RESERVED = 19_000, 1_000
"""Protocol Buffers keep so many numbers, from there on, for themselves."""
_OTHERS = re.compile(r"[^a-z0-9]+")


def number(place: int) -> int:
    """Return the number of the field at a place, from 0."""
    found = place + 1
    return found if found < FIRST_RESERVED else found + RESERVED


def fields(names: Sequence[str], kind: str) -> list[str]:
    """Return a field's name for each name: in small letters, told apart by its JSON form, too.

    `kind` is what a name with no letter of ASCII is called by, with its number.
    """
    taken = {*names}
    found = []
    for place, name in enumerate(names):
        plain = _plain(name) or f"{kind}_{number(place)}"
        field, tries = plain, 1
        while (camel(field) in taken and camel(field) != name) or field in found:
            tries += 1
            field = f"{plain}_{tries}"
        taken.add(camel(field))
        found.append(field)
    return found


def camel(field: str) -> str:
    """Return the name that protoc gives a field in JSON."""
    first, *others = field.split("_")
    return first + "".join(part.capitalize() for part in others)


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = _OTHERS.sub("_", ascii_only.lower()).strip("_")
    return f"n_{plain}" if plain[:1].isdigit() else plain


def json_name(name: str) -> str | None:
    """Return a name as a field's in JSON, or None where protoc takes it for none."""
    is_other = name.startswith("[") and name.endswith("]")
    return name if name.isprintable() and not is_other else None
