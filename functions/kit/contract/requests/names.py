"""Names that callers give: they stand in URLs, in documents' and in files' paths."""

from typing import Annotated

from msgspec import Meta

from functions.kit.contract.errors import Flaw, Invalid

LONGEST = 100
# Of other functions' things, in the body of a request: they come to stand in calls of those.
DatasetId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=LONGEST)]
ModelName = Annotated[str, Meta(pattern=r"^[a-z0-9]([a-z0-9_.-]*[a-z0-9])?$", max_length=LONGEST)]
_ENDS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_LETTERS = _ENDS | set("-_.")


def is_name(text: str) -> bool:
    """Tell whether `text` can stand in a path."""
    return 0 < len(text) <= LONGEST and _LETTERS.issuperset(text) and {text[0], text[-1]} <= _ENDS


def check_name(kind: str, name: str) -> None:
    """Refuse a name that cannot stand in a path.

    Args:
        kind: what is named, for the message ("model", "alias").
        name: what it is called.

    Raises:
        Invalid: that tells the rule.
    """
    if is_name(name):
        return
    rule = (
        f"at most {LONGEST} lower-case letters, digits, '-', '_' and '.', "
        "the first and last a letter or digit"
    )
    flaw = Flaw(f"Expected {rule}", column=kind, value=name[: LONGEST + 1])
    raise Invalid(f"'{name[:LONGEST]}' cannot be a name: {rule}.", flaw)


def version_number(text: str) -> int:
    """Return the version number in a path; raises Invalid."""
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return int(text)
    flaw = Flaw("Expected a version number", column="version", value=text[:100])
    detail = f"'{text[:100]}' is not a version number: they are 1, 2, 3 and so on."
    raise Invalid(detail, flaw)
