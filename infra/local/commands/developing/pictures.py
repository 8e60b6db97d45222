"""`./mayfly pictures`."""

from pathlib import Path

import click

from infra.local.pictures import diagrams
from infra.local.settings import ROOT


@click.command()
@click.argument("names", nargs=-1)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / "build" / "pictures",
    show_default="build/pictures",
    help="The folder that pictures go to.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["svg", "png"]),
    default="svg",
    show_default=True,
    help="What they are.",
)
def command(*, names: tuple[str, ...], out: Path, form: str) -> None:
    """Draw the architecture: what docs/architecture says, and the rooms of each part; NAMES or all.

    Each picture is drawn twice, light and dark. Nothing is fetched, and no browser is needed.

    \b
    Examples:
      ./mayfly pictures
      ./mayfly pictures context upload --format png
    """
    found = {source.name: source for source in diagrams.sources()}
    unknown = [name for name in names if name not in found]
    if unknown:
        known = ", ".join(found)
        raise click.UsageError(
            f"There is no picture named {', '.join(unknown)}. There are: {known}"
        )
    out.mkdir(parents=True, exist_ok=True)
    chosen = [found[name] for name in names] or list(found.values())
    for source in chosen:
        for theme in diagrams.THEMES:
            file = out.absolute() / f"{source.name}-{theme}.{form}"
            diagrams.draw(source, file, theme)
            click.echo(str(file))
    click.echo(f"{len(chosen)} pictures, each light and dark, in {out}")
