"""What an account is made of, and a new password; the function says which passwords it takes."""

from collections.abc import Mapping

from web.client.errors import Flaw, Invalid

NEEDED = ("email", "name", "password")


def parse_sign_up(form: Mapping[str, str]) -> dict[str, str]:
    """Return what the API takes.

    Raises:
        Invalid: something is missing; its flaws say what.
    """
    order = {name: form.get(name, "") for name in NEEDED}
    order |= {name: order[name].strip() for name in ("email", "name")}
    flaws = [Flaw("is missing", column=name) for name, text in order.items() if not text]
    if flaws:
        raise Invalid("The account was not made.", flaws)
    invitation = form.get("invitation", "")
    return order | ({"invitation": invitation} if invitation else {})


def parse_password(form: Mapping[str, str]) -> str:
    """Return the new password; raise Invalid where there is none."""
    password = form.get("password", "")
    if not password:
        flaw = Flaw("is missing", column="password")
        raise Invalid("The password was not changed.", [flaw])
    return password
