"""Which state of a thing a form was made from: it travels in a hidden field, then in `If-Match`."""

from collections.abc import Mapping

from web.client.errors import Invalid
from web.forms.fields import parse_version


def expected_version(form: Mapping[str, str], field: str, what: str) -> int:
    """Return the version or revision that a form was made from.

    Args:
        form: as it was sent.
        field: the one with the number.
        what: what the number is of and what the form does with it, for the message.

    Raises:
        Invalid: there is none, or it is no number.
    """
    number = parse_version(form.get(field, ""))
    if number is None:
        raise _unsaid(field, what)
    return number


def expected_text(form: Mapping[str, str], field: str, what: str) -> str:
    """Return what a form was made from, where that is a text and no number; as above."""
    text = form.get(field, "")
    if not text:
        raise _unsaid(field, what)
    return text


def _unsaid(field: str, what: str) -> Invalid:
    return Invalid(f"The form does not say which {field} of {what}.")
