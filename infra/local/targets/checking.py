"""Holds what was typed for a deploy elsewhere to the forms that platforms take."""

import re
from urllib.parse import urlsplit

from functions.kit.adapters.calls.function_addresses import TEMPLATE, FunctionAddresses
from functions.kit.adapters.config import ConfigError
from infra.local.errors import LocalError

# Names of images, as registries have them: a host, then words in small letters.
_REGISTRY = re.compile(r"[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+/?")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


def check(registry: str, tag: str, gateway: str, function_url: str) -> None:
    """Check options' forms; empty ones were not given.

    Args:
        registry: `registry.example.org/you/mayfly`.
        tag: of images.
        gateway: a URL.
        function_url: a template with `{name}` and, at its end, `{path}`.

    Raises:
        LocalError: one is none of that; it names the option and an example.
    """
    if registry and not _REGISTRY.fullmatch(registry):
        raise LocalError(
            f"--registry {registry!r} is no host with a path in small letters, without https://.",
            "Such as: --registry registry.example.org/you/mayfly",
        )
    if not _TAG.fullmatch(tag):
        raise LocalError(
            f"--tag {tag!r} is no tag of an image.", "Letters, digits, '.', '_', '-': --tag 1.0"
        )
    if gateway and not _is_url(gateway):
        raise LocalError(
            f"--gateway {gateway!r} is no URL.", "Such as: --gateway https://gateway.example.org"
        )
    if function_url:
        _check_template(function_url)


def _check_template(url: str) -> None:
    try:
        FunctionAddresses.from_env({TEMPLATE: url})
    except ConfigError as error:
        said = str(error).replace(f"{TEMPLATE}=", "--function-url ")
        raise LocalError(said) from error


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
