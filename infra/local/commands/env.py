"""`./mayfly env`."""

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from infra.local.commands.remote import URL, Remote, key_for, remote_option
from infra.local.commands.signed import WEB_URL
from infra.local.key_file import KEY
from infra.local.stack import daemon

SHELLS: Mapping[str, str] = {"sh": "export {name}={value}", "fish": "set -gx {name} {value};"}


@click.command()
@click.option("--shell", type=click.Choice(list(SHELLS)), default="sh", show_default=True)
@click.option("--unset", is_flag=True, help="Print what takes them away again.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help=f"File with the API key; without one [{KEY}], or the first key of this machine.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@remote_option
def command(
    *, shell: str, unset: bool, key_file: Path | None, as_json: bool, remote: Remote | None
) -> None:
    """Print the variables that lead a shell, and every command in it, to this system.

    The key is printed, too: whoever has it may do what it may.

    \b
    Examples:
      eval "$(./mayfly env)"
      curl -H "Authorization: Bearer $MAYFLY_KEY" "$MAYFLY_URL/function/datasets/datasets"
      ./mayfly env --shell fish | source
      eval "$(./mayfly env --unset)"
    """
    if unset:
        click.echo("\n".join(_without(shell)))
        return
    stack = daemon.current()
    target = remote or Remote(stack.addresses, stack.openfaas_url)
    found = {URL: target.gateway or target.addresses.template}
    found[KEY] = key_for(remote, key_file, stack.key_file)
    web_url = os.environ.get(WEB_URL) or ("" if remote else stack.web_url)
    found |= {WEB_URL: web_url} if web_url else {}
    if target.addresses.ingress is not None:
        host, port = target.addresses.ingress
        found["MAYFLY_INGRESS"] = f"{host}:{port}"
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        click.echo(SHELLS[shell].format(name=name, value=shlex.quote(value)))


def _without(shell: str) -> list[str]:
    names = (URL, KEY, WEB_URL, "MAYFLY_INGRESS")
    return [f"unset {name}" if shell == "sh" else f"set -e {name};" for name in names]
