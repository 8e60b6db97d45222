"""A form that is sent twice makes one thing: it carries a key, which goes along."""

import re
import secrets
from collections.abc import Mapping

FIELD = "once"


def new_key() -> str:
    """Return a key for a form that is shown."""
    return secrets.token_hex(16)


def key_of(form: Mapping[str, str]) -> str:
    """Return the form's key; another one where it has none."""
    key = form.get(FIELD, "")
    return key if re.fullmatch("[0-9a-f]{32}", key) else new_key()
