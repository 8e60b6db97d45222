"""Which state of a thing a form was made from: it travels in a hidden field."""

from flask import request

from web.client import FunctionError
from web.forms.fields import whole


def seen(field: str, what: str) -> int:
    """Return the version or revision that the form carries.

    Args:
        field: the form's field.
        what: what the number is of and what the form does with it, for the message.

    Raises:
        FunctionError: 422, there is none, or it is no number.
    """
    number = whole(request.form.get(field, ""))
    if number is None:
        raise FunctionError(422, f"The form does not say which {field} of {what}.")
    return number
