"""`./mayfly deploy --to`: its options, and what it does."""

import functools
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from infra.local.errors import LocalError
from infra.local.stack import daemon
from infra.local.targets import checking, running
from infra.local.targets.asked import Asked
from infra.local.targets.kubernetes.rendering import OVERLAYS
from infra.local.targets.plan import Plan

# The names, for --help alone: what they mean is loaded when one is given.
NAMES = ("knative", "openfaas", "kubernetes", "cloud-run", "ecs", "lambda")
_CARRIED_OUT = NAMES[:4]
# Options that some platforms alone have a use for; nothing that is given is left aside in silence.
_MEANT: Mapping[str, tuple[str, ...]] = {
    "overlay": ("kubernetes",),
    "config": ("knative", "kubernetes", "cloud-run"),
    "gateway": ("openfaas",),
    "function_url": ("knative", "cloud-run"),
    "ingress": ("knative", "cloud-run"),
    "project": ("cloud-run",),
    "region": ("cloud-run", "ecs", "lambda"),
    "key_file": _CARRIED_OUT,
    "no_demo": _CARRIED_OUT,
}
_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = (
    click.option("--to", type=click.Choice(NAMES), help="Deploy Mayfly to a platform elsewhere."),
    click.option(
        "--dry-run", is_flag=True, help="With --to: write what is made, tell the commands."
    ),
    click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        help="With --to: an empty folder for what is made; default: deploy/ in this Mayfly's home.",
    ),
    click.option(
        "--registry", envvar="MAYFLY_REGISTRY", default="", help="Of the images, with a path."
    ),
    click.option("--tag", envvar="MAYFLY_TAG", default="latest", show_default=True, help="Theirs."),
    click.option(
        "--overlay",
        type=click.Choice(OVERLAYS),
        default="dev",
        show_default=True,
        help="For kubernetes.",
    ),
    click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        help="Functions' variables, NAME=value a line: for knative, kubernetes, cloud-run.",
    ),
    click.option("--gateway", metavar="URL", default="", help="For openfaas: its gateway."),
    click.option("--function-url", default="", help="Where functions answer there, for the demo."),
    click.option(
        "--ingress", default="", help="HOST:PORT to connect to where those hosts do not resolve."
    ),
    click.option("--project", envvar="GOOGLE_CLOUD_PROJECT", default="", help="For cloud-run."),
    click.option("--region", default="", help="For the clouds."),
    click.option(
        "--key-file",
        type=_FILE,
        default=Path("key"),
        show_default=True,
        help="The first API key's; made if missing.",
    ),
    click.option("--no-build", is_flag=True, help="The images are in the registry already."),
    click.option("--no-demo", is_flag=True, help="Leave out the demo against it."),
)


def elsewhere_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a deploy elsewhere; it gets `elsewhere`, None without --to."""

    @functools.wraps(command)
    @click.pass_context
    def chosen(context: click.Context, /, **given: Any) -> None:
        words = {name: given.pop(name) for name in _names()}
        _refuse_strays(context, words["to"])
        command(elsewhere=words if words["to"] else None, **given)

    found: Callable[..., None] = chosen
    for option in reversed(_OPTIONS):
        found = option(found)
    return found


def deploy(words: dict[str, Any]) -> None:
    """Deploy Mayfly to another platform, or tell how; raises LocalError."""
    from infra.local.targets.catalogue import TARGETS  # noqa: PLC0415 - each call would load them

    asked = _asked(words)
    plan = TARGETS[words["to"]](asked)
    for note in plan.notes:
        click.echo(f"note: {note}", err=True)
    if words["dry_run"]:
        _tell(plan, asked)
        return
    if plan.dry:
        raise LocalError(
            plan.dry, "Give --dry-run: it makes and checks the files, and tells the commands."
        )
    running.run(plan, lambda line: click.echo(line, err=True))


def _tell(plan: Plan, asked: Asked) -> None:
    """Print what would be done: commands that a shell takes, from the repository's root."""
    click.echo(f"# {plan.target}: what is made is in {asked.folder}")
    for error in running.missing(plan):
        click.echo(f"# {error}")
    for login in plan.logins:
        click.echo(f"# first: {login.remedy}")
    for step in plan.steps:
        click.echo(f"# {step.said}\n{step}")


def _asked(words: dict[str, Any]) -> Asked:
    checking.check(words["registry"], words["tag"], words["gateway"], words["function_url"])
    if words["config"] and words["to"] == "kubernetes" and words["overlay"] != "prod":
        raise click.UsageError("--config is for --overlay prod: dev needs none.")
    return Asked(
        target=words["to"],
        folder=_folder(words["out"], words["to"]),
        registry=words["registry"],
        tag=words["tag"],
        overlay=words["overlay"],
        key_file=words["key_file"].absolute(),  # commands run at the root
        config=words["config"] and words["config"].absolute(),
        gateway=words["gateway"].rstrip("/"),
        function_url=words["function_url"],
        ingress=words["ingress"],
        project=words["project"],
        region=words["region"],
        build=not words["no_build"],
        demo=not words["no_demo"],
    )


def _folder(named: Path | None, target: str) -> Path:
    """Return where to write: an empty folder, made anew where it is our own."""
    if named is not None:
        if named.exists() and any(named.iterdir()):
            raise LocalError(f"{named} holds files already.", "Name an empty folder: --out")
        return named.absolute()
    own = daemon.current().home / "deploy" / target
    if own.exists():
        shutil.rmtree(own)
    own.mkdir(parents=True)
    return own


def _refuse_strays(context: click.Context, target: str | None) -> None:
    """Refuse options that mean nothing without --to, or to that platform, where one was given."""
    for name in _names():
        option = f"--{name.replace('_', '-')}"
        source = context.get_parameter_source(name)
        if name == "to" or source is not click.core.ParameterSource.COMMANDLINE:
            continue
        if target is None:
            raise click.UsageError(f"{option} is for a deploy elsewhere: give --to.")
        if target not in _MEANT.get(name, NAMES):
            meant = ", ".join(_MEANT[name])
            raise click.UsageError(f"{option} means nothing to {target}, but to {meant}.")


def _names() -> list[str]:
    options = (option(lambda: None) for option in _OPTIONS)
    return [one.name or "" for made in options for one in made.__click_params__]  # type: ignore[attr-defined]
