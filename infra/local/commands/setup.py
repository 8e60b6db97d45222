"""`./mayfly setup`."""

import sys
from pathlib import Path

import click

from functions.kit.contract.access.api_key import FIRST_KEY, STEP_SECRET, digest
from infra.local.deploying import openfaas_login, secret_templates, system_secrets
from infra.local.deploying.openfaas_secrets import OpenFaasSecrets, address
from infra.local.errors import LocalError

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@click.command()
@click.option("--gateway", metavar="URL", help="The gateway of an OpenFaaS.")
@click.option("--kubernetes", is_flag=True, help="Write the manifest of a Secret, for Knative.")
@click.option("--apply", is_flag=True, help="With --kubernetes: hand it to kubectl.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="With --kubernetes: the gateway's, the queue's and the pages' secrets, too.",
)
@click.option("--namespace", "-n", default="", help="Of the functions.")
@click.option("--username", default=openfaas_login.USER, show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the gateway's password.")
@click.option("--tls-no-verify", is_flag=True, help="Take any certificate.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the API key goes, for its owner's eyes, in place of the standard output.",
)
@click.option("--rotate", is_flag=True, help="Replace what is there.")
def command(
    *,
    gateway: str | None,
    kubernetes: bool,
    apply: bool,
    everything: bool,
    namespace: str,
    username: str,
    password_stdin: bool,
    tls_no_verify: bool,
    key_file: Path | None,
    rotate: bool,
) -> None:
    """Give a system elsewhere its secrets and its first API key, before it has functions.

    The secrets are mayfly-step-secret, which signs what functions tell each other, and
    mayfly-first-key, which holds no more than the key's digest. The key itself is told once, on the
    standard output, or lies in --key-file. Called again it changes nothing; --rotate replaces both
    secrets (deploy the functions again, so that they read them).

    The gateway's password is what faas-cli login keeps, or $OPENFAAS_PASSWORD, or --password-stdin.

    \b
    Examples:
      ./mayfly setup --gateway https://gateway.example.org > key
      ./mayfly setup --gateway http://127.0.0.1:8080 --password-stdin --key-file key < password
      ./mayfly setup --kubernetes --key-file key | kubectl apply -f -
      ./mayfly setup --kubernetes --apply --key-file key
      ./mayfly setup --kubernetes --all -n mayfly --apply --key-file key
    """
    if bool(gateway) == kubernetes:
        raise click.UsageError("Give either --gateway URL or --kubernetes.")
    if (apply or everything) and not kubernetes:
        raise click.UsageError("--apply and --all are for --kubernetes.")
    if gateway is None:
        give = _all_of_kubernetes if everything else _kubernetes
        give(namespace or "default", key_file, apply=apply, rotate=rotate)
        return
    url = gateway.rstrip("/")
    _warn_of_plain_text(url)
    who = _who(url, username, from_stdin=password_stdin)
    with OpenFaasSecrets(url, who, namespace, verify=not tls_no_verify) as secrets:
        _openfaas(secrets, key_file, rotate=rotate)


def _who(url: str, username: str, *, from_stdin: bool) -> str:
    if not from_stdin:
        return openfaas_login.authorization(url, username)
    password = sys.stdin.read().strip()
    if not password:
        raise LocalError("There is no password on the standard input.", "Such as: < password")
    return openfaas_login.basic(username, password)


def _openfaas(secrets: OpenFaasSecrets, key_file: Path | None, *, rotate: bool) -> None:
    there = secrets.names()
    step, first = STEP_SECRET[1], FIRST_KEY[1]
    if step not in there or rotate:
        secrets.put(step, system_secrets.new_step_secret(), there=step in there)
    _tell(step, there=step in there, rotate=rotate)
    if first not in there or rotate:
        key = system_secrets.key_of(key_file, fresh=rotate)
        secrets.put(first, digest(key), there=first in there)
        _give(key, key_file)
    _tell(first, there=first in there, rotate=rotate)


def _kubernetes(namespace: str, key_file: Path | None, *, apply: bool, rotate: bool) -> None:
    held = system_secrets.held_by_kubernetes(namespace) if apply else {}
    complete = {STEP_SECRET[0], FIRST_KEY[0]} <= set(held)
    name = f"secret {system_secrets.KUBERNETES_NAME} in namespace {namespace}"
    if complete and not rotate:
        _tell(name, there=True, rotate=False)
        return
    if not apply and key_file is None:
        raise click.UsageError("The manifest goes to the standard output: --key-file for the key.")
    # A key beside the one that the cluster knows would count nowhere.
    known = FIRST_KEY[0] in held and not rotate
    key = "" if known else system_secrets.key_of(key_file, fresh=rotate)
    text = system_secrets.manifest({} if rotate else held, key, namespace)
    if apply:
        system_secrets.apply(text)
    else:
        click.echo(text, nl=False)
    if not known:
        _give(key, key_file)
    if apply:
        _tell(name, there=complete, rotate=rotate)


def _all_of_kubernetes(namespace: str, key_file: Path | None, *, apply: bool, rotate: bool) -> None:
    """Give a namespace every secret that plain Kubernetes needs."""
    if key_file is None:
        raise click.UsageError("--all keeps the key in a file: --key-file for the key.")
    names = secret_templates.names()
    held = {name: system_secrets.held_by_kubernetes(namespace, name) for name in names if apply}
    there = secret_templates.complete(held)
    if not there or rotate:
        if not rotate:
            secret_templates.check_key_file(held, key_file, namespace)
        key = system_secrets.key_of(key_file, fresh=rotate)
        text = secret_templates.filled({} if rotate else held, key, namespace)
        if apply:
            system_secrets.apply(text)
        else:
            click.echo(text, nl=False)
        _give(key, key_file)
    _tell(f"secrets {', '.join(names)} in namespace {namespace}", there=there, rotate=rotate)


def _give(key: str, key_file: Path | None) -> None:
    if key_file is None:
        click.echo(key)
        return
    system_secrets.keep(key, key_file)
    click.echo(f"the API key is in {key_file}", err=True)


def _tell(name: str, *, there: bool, rotate: bool) -> None:
    said = "replaced" if there and rotate else "there already (--rotate replaces it)"
    click.echo(f"{name}: {said if there else 'made'}", err=True)


def _warn_of_plain_text(url: str) -> None:
    parts = address(url)
    if parts.scheme == "http" and parts.host not in _LOOPBACK:
        click.echo(
            f"{url} is not encrypted: whoever is on the way reads the password and the secrets.",
            err=True,
        )
