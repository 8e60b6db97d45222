"""Options of commands that may speak to another system than this machine's own."""

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import httpx

from functions.kit.adapters.calls import ingress
from functions.kit.adapters.calls.function_addresses import (
    GATEWAY,
    INGRESS,
    NAMESPACE,
    TEMPLATE,
    FunctionAddresses,
)
from functions.kit.adapters.config import ConfigError
from infra.local.errors import LocalError
from infra.local.key_file import KEY, api_key, named_key

URL = "MAYFLY_URL"
"""The variable that `./mayfly env` prints: a gateway's address, or a template with {name}."""
OPTIONS = {
    GATEWAY: ("--gateway", "Use a system that runs, at its OpenFaaS gateway's URL."),
    TEMPLATE: (
        "--function-url",
        "Use a system with other addresses, such as http://{name}.{namespace}.example.com{path}.",
    ),
    NAMESPACE: ("--namespace", "What {namespace} is there; default: default."),
    INGRESS: ("--ingress", "HOST:PORT to connect to where those hosts do not resolve."),
}


@dataclass(frozen=True)
class Remote:
    """Another system.

    Attributes:
        addresses: where its functions are called.
        gateway: its OpenFaaS gateway; empty for none.
    """

    addresses: FunctionAddresses
    gateway: str

    @property
    def is_here(self) -> bool:
        """Whether calls to it stay on this machine."""
        ingress = self.addresses.ingress
        named = urlsplit(self.addresses.url("datasets", "/")).hostname or ""
        host = ingress.host if ingress is not None else named
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return False

    def check(self) -> None:
        """Ask it for a sign of life.

        Raises:
            LocalError: it gives none; a typing error is told now, not after a client's long
                patience.
        """
        url = self.addresses.url("datasets", "/_/health")
        try:
            with httpx.Client(transport=ingress.transport(self.addresses), timeout=60) as client:
                client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LocalError(
                f"No function answers at {url!r} ({error}).",
                "Give its address: --gateway http://127.0.0.1:8080, or --function-url.",
            ) from error


def key_for(remote: Remote | None, file: Path | None, own: Path) -> str:
    """Return the API key to call with; this machine's first key goes to no other machine.

    Args:
        remote: another system, if one is named.
        file: that an option names.
        own: has the first key of this machine.

    Raises:
        LocalError: there is none for that system.
    """
    if remote is not None and not remote.is_here and file is None and not named_key():
        raise LocalError(
            f"No API key is named for {remote.gateway or remote.addresses.template}.",
            f"Set {KEY}, or name a file: --key-file. This machine's own key is not sent elsewhere.",
        )
    return api_key(file, own)


def remote_option(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of another system; it gets `remote`, None for our own."""

    @functools.wraps(command)
    def chosen(**given: Any) -> None:
        env = {key: given.pop(_parameter(key)) for key in OPTIONS}
        command(remote=_remote({key: text for key, text in env.items() if text}), **given)

    for key, (option, text) in reversed(OPTIONS.items()):
        chosen = click.option(option, _parameter(key), envvar=key, help=f"{text} [{key}]")(chosen)
    return chosen


def _parameter(key: str) -> str:
    return key.lower()


def _remote(given: dict[str, str]) -> Remote | None:
    """Return the system that options or variables name; MAYFLY_URL where they name none."""
    env, short = dict(given), None
    if not env.keys() & {GATEWAY, TEMPLATE} and os.environ.get(URL):
        short = TEMPLATE if "{name}" in os.environ[URL] else GATEWAY
        env[short] = os.environ[URL]
    if not env.keys() - {NAMESPACE}:
        return None
    try:
        addresses = FunctionAddresses.from_env(env)
    except ConfigError as error:
        said = str(error)
        raise LocalError(said.replace(f"{short}=", f"{URL}=", 1) if short else said) from error
    return Remote(addresses, env.get(GATEWAY, "").rstrip("/"))
