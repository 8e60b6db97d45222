"""`./mayfly open`."""

import webbrowser

import click

from infra.local.calling.sign_in import address_of
from infra.local.commands.signed import WEB_URL, Caller, signed
from infra.local.errors import LocalError


@click.command()
@click.option("--web", help=f"Where the pages are [{WEB_URL}]; default: this machine's.")
@click.option("--print", "is_printed", is_flag=True, help="Print the address; open nothing.")
@signed
def command(*, caller: Caller, web: str | None, is_printed: bool) -> None:
    """Open the pages in a browser, signed in as the account of the key.

    The address signs in once, and within minutes.

    \b
    Examples:
      ./mayfly open
      ./mayfly open --print
      MAYFLY_URL=https://mayfly.example.org:8080 ./mayfly open --web https://mayfly.example.org
    """
    pages = web or caller.pages()
    made = caller.call("POST", "/sign-in/links")
    url = address_of(pages, made["token"])
    if is_printed or caller.as_json:
        caller.tell({"url": url, "ends_at": made["ends_at"]}, url)
        return
    if not webbrowser.open(url):
        raise LocalError("No browser can be opened here.", "Take the address: open --print")
    click.echo(f"The pages are open in a browser: {pages}")
