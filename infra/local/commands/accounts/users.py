"""`./mayfly users`."""

import sys
from typing import Any
from urllib.parse import quote

import click

from infra.local.calling.sign_in import address_of
from infra.local.commands.signed import WEB_URL, Caller, ListingGroup, signed
from infra.local.errors import LocalError

MAIN = "main"  # the workspace that a system begins with
COLUMNS = {
    "id": "id",
    "e-mail": "email",
    "name": "name",
    "roles": "roles",
    "plan": "plan",
    "operator": "operator",
    "disabled": "disabled",
}


@click.group(cls=ListingGroup)
def command() -> None:
    """List, add and shut out accounts, give them a plan; sign in.

    \b
    Examples:
      ./mayfly users
      ./mayfly users add ann@example.org --role editor --password-stdin < password
      ./mayfly users plan ann@example.org premium
      ./mayfly users disable ann@example.org
      ./mayfly users link
    """


@command.command("list")
@signed
def list_users(*, caller: Caller) -> None:
    """List all accounts."""
    caller.show(caller.all("/accounts"), COLUMNS, "There is no account yet.")


@command.command()
@click.argument("email")
@click.option("--name", help="What lists and histories call it; default: what is before the @.")
@click.option("--plan", help="What it may ask for; default: freemium.")
@click.option(
    "--workspace", help="Where it belongs; default: main with --role, else one of its own."
)
@click.option("--role", type=click.Choice(("owner", "editor", "viewer")), help="Its role there.")
@click.option("--password-stdin", is_flag=True, help="Read its password.")
@signed
def add(
    *, caller: Caller, email: str, name: str | None, password_stdin: bool, **given: str
) -> None:
    """Make an account. Without a password it comes in by a link for one that is forgotten."""
    body: dict[str, Any] = {"email": email, "name": name or email.partition("@")[0]}
    body |= {key: value for key, value in given.items() if value}
    if "role" in body:  # in a workspace of its own everybody is the owner
        body.setdefault("workspace", MAIN)
    if password_stdin:
        body["password"] = _password()
    made = caller.call("POST", "/accounts", body)
    caller.tell(made, f"{made['email']} is account {made['id']}, on plan {made['plan']}")


@command.command()
@click.argument("account")
@click.argument("name")
@signed
def plan(*, caller: Caller, account: str, name: str) -> None:
    """Give an account, by its id or e-mail, another plan."""
    made = _change(caller, account, plan=name)
    caller.tell(made, f"{made['email']} is on plan {made['plan']}")


@command.command()
@click.argument("account")
@click.option("--undo", is_flag=True, help="Let it in again.")
@signed
def disable(*, caller: Caller, account: str, undo: bool) -> None:
    """Shut an account out, by its id or e-mail: its sessions and keys count no more at once."""
    made = _change(caller, account, disabled=not undo)
    caller.tell(made, f"{made['email']} is {'shut out' if made['disabled'] else 'let in'}")


@command.command()
@click.option("--web", help=f"Where the pages are [{WEB_URL}]; default: this machine's.")
@signed
def link(*, caller: Caller, web: str | None) -> None:
    """Show an address that signs the account of the key in, once."""
    pages = web or caller.pages()
    made = caller.call("POST", "/sign-in/links")
    url = address_of(pages, made["token"])
    caller.tell({"url": url, "ends_at": made["ends_at"]}, url)


def _change(caller: Caller, account: str, **changes: Any) -> Any:
    return caller.call("PATCH", f"/accounts/{quote(_id(caller, account), safe='')}", changes)


def _id(caller: Caller, account: str) -> str:
    """Return the id of an account, given so or by its e-mail.

    Raises:
        LocalError: nobody has that e-mail.
    """
    if "@" not in account:
        return account
    for found in caller.all("/accounts"):
        if found["email"].casefold() == account.casefold():
            return str(found["id"])
    raise LocalError(f"Nobody has the e-mail {account}.", "See ./mayfly users list")


def _password() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise LocalError("There is no password on the standard input.", "Such as: < password")
    return password
