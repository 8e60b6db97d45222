"""`./mayfly new`."""

import re
from pathlib import Path

import click

from infra.local import model_template, other_templates, templates
from infra.local.errors import LocalError

FORMS = {
    "http": templates.HTTP,
    "event": templates.EVENT,
    "model": model_template.FILES,
    "openfaas": other_templates.OPENFAAS,
    "node": other_templates.NODE,
}
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--event", is_flag=True, help="For CloudEvents, with a trigger; default: for HTTP.")
@click.option(
    "--model",
    is_flag=True,
    help="A model of your own: registered when it is deployed, and asked as trained ones are.",
)
@click.option("--openfaas", is_flag=True, help="In the form of OpenFaaS's template python3-http.")
@click.option("--node", is_flag=True, help="In JavaScript, for Google's functions-framework.")
def command(path: Path, **forms: bool) -> None:
    """Write a function to start from, with its test, in a new folder.

    Packages of its own are named in its requirements.txt (in JavaScript: package.json), and
    installed when it is deployed.

    \b
    Examples:
      ./mayfly new hello
      ./mayfly new ~/functions/greeter --event
      ./mayfly new churn --model
      ./mayfly new thumbnails --openfaas
      ./mayfly new pages --node
      ./mayfly deploy hello
    """
    name = path.resolve().name
    if not _NAME.fullmatch(name):
        raise LocalError(
            f"{name!r} is no name for a function.", "Use lower-case letters, digits and '-'."
        )
    chosen = [form for form, wanted in forms.items() if wanted]
    if len(chosen) > 1:
        named = " and ".join(f"--{form}" for form in chosen)
        raise LocalError(f"A function has one form, not {named}.", "Name one of them.")
    form = chosen[0] if chosen else "http"
    if path.exists():
        raise LocalError(f"{path} exists already.", "Name a new folder.")
    path.mkdir(parents=True)
    for file, template in FORMS[form].items():
        (path / file).write_text(template.substitute(name=name))
        click.echo(f"wrote {path / file}")
    asked = f"prediction /models/{name}/predict -d ..." if form == "model" else name
    click.echo(f"Next: ./mayfly up, then ./mayfly deploy {path}, ./mayfly invoke {asked}")
