"""`./mayfly new`."""

import re
from pathlib import Path
from string import Template

import click

from infra.local import model_template, templates
from infra.local.errors import LocalError

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--event", is_flag=True, help="For CloudEvents, with a trigger; default: for HTTP.")
@click.option(
    "--model",
    is_flag=True,
    help="A model of your own: registered when it is deployed, and asked as trained ones are.",
)
def command(path: Path, *, event: bool, model: bool) -> None:
    """Write a function to start from, with its test, in a new folder.

    \b
    Examples:
      ./mayfly new hello
      ./mayfly new ~/functions/greeter --event
      ./mayfly new churn --model
      ./mayfly deploy hello
    """
    name = path.resolve().name
    if not _NAME.fullmatch(name):
        raise LocalError(
            f"{name!r} is no name for a function.", "Use lower-case letters, digits and '-'."
        )
    if event and model:
        raise LocalError("A function is for events or a model, not both.", "Leave one out.")
    if path.exists():
        raise LocalError(f"{path} exists already.", "Name a new folder.")
    path.mkdir(parents=True)
    for file, template in _files(event=event, model=model).items():
        (path / file).write_text(template.substitute(name=name))
        click.echo(f"wrote {path / file}")
    asked = f"prediction /models/{name}/predict -d ..." if model else name
    click.echo(f"Next: ./mayfly up, then ./mayfly deploy {path}, ./mayfly invoke {asked}")


def _files(*, event: bool, model: bool) -> dict[str, Template]:
    if model:
        return model_template.FILES
    return templates.EVENT if event else templates.HTTP
