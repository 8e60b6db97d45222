"""`./mayfly screenshots`."""

from pathlib import Path

import click

from infra.local.calling.sign_in import new_address
from infra.local.errors import LocalError
from infra.local.pictures.browser import Pictures, opened
from infra.local.stack import daemon


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("screenshots"),
    show_default=True,
    help="The folder that pictures go to.",
)
def command(*, out: Path) -> None:
    """Take pictures of every page of the running stack: 1440, 1024 and 390 wide, light and dark.

    Pages are found by their links, one of each kind; the owner reads them. Needs Chromium and
    what tests need.

    \b
    Examples:
      ./mayfly screenshots
      ./mayfly screenshots --out before
    """
    stack = daemon.current()
    if daemon.running(stack) is None:
        raise LocalError("Nothing is running.", "Start it: ./mayfly up")
    with opened() as browser:
        pictures = Pictures(browser, stack.web_url, out)
        key = stack.key_file.read_text().strip()
        pages, state = pictures.pages(new_address(stack.addresses, key, stack.web_url))
        count = pictures.take(pages, state, lambda file: click.echo(str(file)))
    click.echo(f"{count} pictures of {len(pages)} pages in {out}")
