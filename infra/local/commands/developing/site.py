"""`./mayfly site`."""

import tempfile
from functools import partial
from pathlib import Path

import click

from infra.local.settings import ROOT
from infra.local.site import building, staging
from infra.local.site.reference import making


@click.command()
@click.pass_context
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / "build" / "site",
    show_default="build/site",
    help="The folder that the site goes to; what is in it goes.",
)
def command(context: click.Context, *, out: Path) -> None:
    """Build the documentation as a site: pages, pictures, search. Links that lead nowhere fail.

    The reference is made of the code: APIs, errors, commands, configuration.
    It is plain files for any web server. Nothing in it is fetched from elsewhere.

    \b
    Examples:
      ./mayfly site
      ./mayfly site --out /srv/www/mayfly
    """
    with tempfile.TemporaryDirectory(prefix="mayfly-site-") as folder:
        root = context.find_root().command
        assert isinstance(root, click.Group)
        staging.stage(Path(folder, "docs"), partial(making.pages, root))
        building.build(Path(folder), out.absolute())
    click.echo(f"The site is in {out}; look at it: python3 -m http.server --directory {out}")
