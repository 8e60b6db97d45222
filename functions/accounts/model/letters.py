"""What mails say. None of them says more of anybody than that they were written to."""

from typing import NamedTuple


class Letter(NamedTuple):
    """A mail."""

    subject: str
    text: str


def reset(web_url: str, token: str) -> Letter:
    """Return the mail to whoever forgot a password."""
    return Letter(
        "Set a new password",
        "Somebody, probably you, asked to set a new password for your account on Mayfly:\n\n"
        f"{web_url}/password/reset?token={token}\n\n"
        "The link is good once, for one hour. If it was not you, there is nothing to do.\n",
    )


def confirm(web_url: str, token: str) -> Letter:
    """Return the mail to whoever signs up, which proves that the address is theirs."""
    return Letter(
        "Finish signing up",
        "Somebody, probably you, signed up to Mayfly with this address. This makes the account:\n\n"
        f"{web_url}/sign-in/link?token={token}\n\n"
        "The link is good once, for one hour. If it was not you, do not follow it: whoever signed\n"
        "up knows the password.\n",
    )


def already(web_url: str) -> Letter:
    """Return the mail to whoever signs up and has an account."""
    return Letter(
        "You have an account already",
        "Somebody, probably you, signed up to Mayfly with this address, which has an account:\n\n"
        f"{web_url}/sign-in\n\n"
        "If you forgot its password, ask there for a new one.\n",
    )


def invitation(web_url: str, token: str, workspace: str, role: str) -> Letter:
    """Return the mail to whoever is invited."""
    return Letter(
        "You are invited to a workspace",
        f"You are invited to the workspace '{workspace}' on Mayfly, as {role}:\n\n"
        f"{web_url}/invitation?token={token}\n\n"
        "The link is good once, for seven days.\n",
    )
