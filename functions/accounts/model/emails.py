"""E-mail addresses: which are taken, and when two are one."""

import hashlib
import re

from functions.kit.contract.errors import Flaw, refused

LONGEST = 254  # RFC 5321
# What HTML's <input type="email"> takes: ASCII, so that no two look alike and are not.
_LOCAL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"{_LOCAL}@{_LABEL}(?:\.{_LABEL})*")


def check_email(email: str) -> None:
    """Refuse what is no address; raises Invalid."""
    if len(email) <= LONGEST and _EMAIL.fullmatch(email):
        return
    reason = "Expected an e-mail address such as ann@example.org, in ASCII"
    raise refused(
        "The account was refused", Flaw(reason, column="email", value=email[:80]), noun="field"
    )


def email_key(email: str) -> str:
    """Return the name of an address's document: the same for any case of its letters."""
    return hashlib.sha256(email.lower().encode()).hexdigest()
