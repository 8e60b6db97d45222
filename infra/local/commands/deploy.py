"""`./mayfly deploy`."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from infra.local.calling import own_models
from infra.local.calling.function_client import FunctionClient
from infra.local.commands import elsewhere as elsewhere_command
from infra.local.deploying import manifests, openfaas_stack, rollout
from infra.local.deploying.gateway import NAMESPACE, Gateway
from infra.local.deploying.knative_gateway import gateway_of
from infra.local.key_file import read_secret
from infra.local.settings import Settings
from infra.local.stack import daemon, home, product

# Knative's, about any file without a securityContext; it means nothing to a local process.
_ADVICE = "Kubernetes default value is insecure"


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=120,
    show_default=True,
    help="Seconds to wait for what was deployed; 0: not at all.",
)
@click.option(
    "--new-line",
    is_flag=True,
    help="Let a model of your own take and answer otherwise than its versions before.",
)
@elsewhere_command.elsewhere_options
def command(
    paths: tuple[Path, ...],
    timeout: float,
    *,
    new_line: bool,
    elsewhere: dict[str, Any] | None,
) -> None:
    """Deploy Knative files, OpenFaaS stack files, or a folder with your own function.

    Taken are Services, and of Eventing brokers, triggers, channels, subscriptions, sequences and
    ping sources. Without an argument: Mayfly's own. A folder with a main.py, or with the handler.py
    of OpenFaaS's Python templates, becomes a function of the folder's name, or what its
    service.yaml says; its target is `handle`. What its requirements.txt asks for is installed,
    unless it is there; so is what its package.json asks for, where a command runs. Nothing else is
    built: where the code lies beside a deploy file, in a folder of the image's name or in the stack
    file's handler, it is run as it is.

    A function of `./mayfly new NAME --model` is registered as a model of its name, too.

    Waits until each function is ready. One that does not start is told with its traceback or last
    lines, and the exit status is 1; the revision before goes on serving.

    With --to, Mayfly goes to a platform elsewhere: images are built and pushed, what is made of
    infra/ is applied and waited for, and the demo runs against it. --dry-run tells the commands and
    leaves the files; ecs and lambda are dry runs, which are checked. Each platform's README in
    infra/ says what was run for real.

    \b
    Examples:
      ./mayfly deploy
      ./mayfly deploy infra/knative/prediction.yaml
      ./mayfly deploy ~/hello
      ./mayfly deploy infra/knative/eventing/broker.yaml
      ./mayfly deploy stack.yaml --timeout 10
      ./mayfly deploy --to kubernetes --registry registry.example.org/you/mayfly --dry-run
    """
    if elsewhere is not None:
        if paths:
            raise click.UsageError("--to deploys Mayfly itself: name no files.")
        elsewhere_command.deploy(elsewhere)
        return
    stack = daemon.current()
    own = (product.objects(stack), product.requests(stack))
    wanted = [_read(path) for path in paths] or [own]
    models = [item for items, _ in wanted for item in items if own_models.is_model(item)]
    for item in models:
        own_models.give_key(item, home.step_secret(stack))
    with gateway_of(stack, home.password(stack), patience=2) as gateway:
        deployed = [place for each in wanted for place in _deploy(gateway, *each, stack)]
        if not stack.platform.has_knative:
            click.echo("OpenFaaS does not tell whether they are ready; see ./mayfly status.")
        elif timeout and not _wait(gateway, deployed, timeout):
            raise click.exceptions.Exit(1)
    if models:
        _register([item["metadata"]["name"] for item in models], stack, new_line=new_line)


def _register(names: list[str], stack: Settings, *, new_line: bool) -> None:
    """Have functions registered as models, with this machine's key."""
    with FunctionClient(stack.addresses, read_secret(stack.key_file)) as functions:
        for name in names:
            click.echo(own_models.register(functions, name, new_line=new_line))


def _deploy(
    gateway: Gateway,
    items: list[dict[str, Any]],
    requests: list[dict[str, Any]],
    stack: Settings,
) -> Iterator[tuple[str, str]]:
    """Deploy things; yield name and namespace of each function among them."""
    for item in items:
        for warning in gateway.deploy(item):
            if not warning.startswith(_ADVICE):
                click.echo(f"warning: {warning}", err=True)
        _tell(item["kind"].lower(), item["metadata"]["name"], stack)
        if item["kind"] == "Service":
            yield rollout.place_of(item)
    for request in requests:
        gateway.deploy_function(request)
        _tell("function", request["service"], stack)
        yield request["service"], request.get("namespace") or NAMESPACE


def _wait(gateway: Gateway, places: list[tuple[str, str]], timeout: float) -> bool:
    """Wait for each function, and say how it went; whether all are ready."""
    deadline = time.monotonic() + timeout
    outcomes = []
    for name, namespace in places:
        left = max(0.0, deadline - time.monotonic())
        outcomes.append(rollout.wait(gateway, name, namespace, left))
        click.echo(str(outcomes[-1]), err=not outcomes[-1].ready)
    return all(outcome.ready for outcome in outcomes)


def _read(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the Knative objects and the OpenFaaS requests of a path."""
    if openfaas_stack.is_stack(path):
        return [], openfaas_stack.requests(path)
    return manifests.load(path), []


def _tell(kind: str, name: str, stack: Settings) -> None:
    place = f": {stack.addresses.url(name)}" if kind in {"service", "function"} else ""
    click.echo(f"deployed {kind} {name}{place}")
