"""`./mayfly deploy`."""

from pathlib import Path
from typing import Any

import click

from infra.local import manifests, stackfile
from infra.local.gateway import Gateway
from infra.local.stack import daemon, home


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def command(paths: tuple[Path, ...]) -> None:
    """Deploy Knative files, OpenFaaS stack files, or a folder with your own function.

    Taken are Services, and of Eventing brokers, triggers and ping sources. Without an argument:
    Mayfly's own. A folder with a main.py becomes a function of the folder's name, or what its
    service.yaml says; its target is `handle`. Nothing is built: where the code lies beside a
    deploy file, in a folder of the image's name or in the stack file's handler, it is run as it is.

    \b
    Examples:
      ./mayfly deploy
      ./mayfly deploy infra/knative/prediction.yaml
      ./mayfly deploy ~/hello
      ./mayfly deploy infra/knative/eventing/broker.yaml
      ./mayfly deploy stack.yaml
    """
    stack = daemon.current()
    wanted = [_read(path) for path in paths or (manifests.KNATIVE,)]
    with Gateway(stack.gateway_url, home.password(stack), patience=2) as gateway:
        for items, requests in wanted:
            for item in items:
                gateway.deploy(item)
                _tell(item["kind"].lower(), item["metadata"]["name"], stack.gateway_url)
            for request in requests:
                gateway.deploy_function(request)
                _tell("function", request["service"], stack.gateway_url)


def _read(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the Knative objects and the OpenFaaS requests of a path."""
    if stackfile.is_stack(path):
        return [], stackfile.requests(path)
    return manifests.load(path), []


def _tell(kind: str, name: str, gateway: str) -> None:
    callable_ = kind in {"service", "function"}
    click.echo(f"deployed {kind} {name}" + (f": {gateway}/function/{name}" if callable_ else ""))
