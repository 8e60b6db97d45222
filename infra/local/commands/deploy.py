"""`./mayfly deploy`."""

from pathlib import Path

import click

from infra.local import manifests, settings
from infra.local.gateway import Gateway
from infra.local.stack import home


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def command(paths: tuple[Path, ...]) -> None:
    """Deploy Knative Service files, folders of them, or a folder with your own function.

    Without an argument: Mayfly's own functions. A folder with a main.py becomes a function of the
    folder's name; its target is `handle`.

    \b
    Examples:
      ./mayfly deploy
      ./mayfly deploy infra/knative/prediction.yaml
      ./mayfly deploy ~/hello
    """
    stack = settings.from_env()
    services = [found for path in paths or (manifests.KNATIVE,) for found in manifests.load(path)]
    with Gateway(stack.gateway_url, home.password(stack), patience=2) as gateway:
        for service in services:
            gateway.deploy(service)
            name = service["metadata"]["name"]
            click.echo(f"deployed {name}: {stack.gateway_url}/function/{name}")
