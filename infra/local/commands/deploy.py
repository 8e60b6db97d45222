"""`./mayfly deploy`."""

from pathlib import Path

import click

from infra.local import manifests, settings
from infra.local.gateway import Gateway
from infra.local.stack import home


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def command(paths: tuple[Path, ...]) -> None:
    """Deploy Knative files, folders of them, or a folder with your own function.

    Taken are Services, and of Eventing brokers, triggers and ping sources. Without an argument:
    Mayfly's own. A folder with a main.py becomes a function of the folder's name; its target is
    `handle`.

    \b
    Examples:
      ./mayfly deploy
      ./mayfly deploy infra/knative/prediction.yaml
      ./mayfly deploy ~/hello
      ./mayfly deploy infra/knative/eventing/broker.yaml
    """
    stack = settings.from_env()
    items = [found for path in paths or (manifests.KNATIVE,) for found in manifests.load(path)]
    with Gateway(stack.gateway_url, home.password(stack), patience=2) as gateway:
        for item in items:
            gateway.deploy(item)
            name = item["metadata"]["name"]
            where = f": {stack.gateway_url}/function/{name}" if item["kind"] == "Service" else ""
            click.echo(f"deployed {item['kind'].lower()} {name}{where}")
