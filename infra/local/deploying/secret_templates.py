"""Secrets of a whole system on plain Kubernetes: a template, and what a cluster holds already."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from functions.kit.contract.access.api_key import FIRST_KEY, digest
from infra.local.deploying.system_secrets import KUBERNETES_NAME, new_step_secret
from infra.local.errors import LocalError
from infra.local.settings import ROOT

TEMPLATE = ROOT / "infra" / "kubernetes" / "secrets.yaml"
Held = Mapping[str, Mapping[str, str]]
KEY = "${key}"


def templates(file: Path = TEMPLATE) -> list[dict[str, Any]]:
    """Return the Secrets of a template, their values as it has them."""
    return [item for item in yaml.safe_load_all(file.read_text()) if item]


def names(file: Path = TEMPLATE) -> list[str]:
    """Return what the Secrets of a template are called."""
    return [str(item["metadata"]["name"]) for item in templates(file)]


def complete(held: Held, file: Path = TEMPLATE) -> bool:
    """Tell whether all that a template has is held."""
    return all(
        item["stringData"].keys() <= held.get(item["metadata"]["name"], {}).keys()
        for item in templates(file)
    )


def check_key_file(held: Held, file: Path, namespace: str) -> None:
    """Refuse a file that is not there where a cluster has a first key: one would be made in vain.

    Raises:
        LocalError: so it is.
    """
    if _first(held) is not None and not file.exists():
        raise _another(namespace)


def filled(held: Held, key: str, namespace: str, file: Path = TEMPLATE) -> str:
    """Return the Secrets as YAML: what is held stays, the rest is made.

    Args:
        held: what a cluster has and keeps, by the Secret's name.
        key: the first API key.
        namespace: where they go.
        file: the template.

    Raises:
        LocalError: the cluster knows another first key than this one.
    """
    if _first(held) not in {None, digest(key)}:
        raise _another(namespace)
    found = []
    for item in templates(file):
        metadata = item["metadata"] | {"namespace": namespace}
        kept = held.get(metadata["name"], {})
        values = {name: _made(text, key) for name, text in item["stringData"].items()}
        found.append(item | {"metadata": metadata, "stringData": {**values, **kept}})
    return str(yaml.safe_dump_all(found, sort_keys=False))


def _first(held: Held) -> str | None:
    """Return the digest of the first key that a cluster has."""
    return held.get(KUBERNETES_NAME, {}).get(FIRST_KEY[0])


def _another(namespace: str) -> LocalError:
    return LocalError(
        f"{namespace} has another first key than the one that is given here.",
        "Name the file that holds it (--key-file), or replace it: --rotate.",
    )


def _made(marker: str, key: str) -> str:
    """Return what a marker of the template stands for; raises LocalError for another."""
    if marker == KEY:
        return key
    if marker == "${digest}":
        return digest(key)
    if marker == "${random}":
        return new_step_secret()
    raise LocalError(
        f"{marker!r} in a template of secrets is no ${{random}}, {KEY} or ${{digest}}."
    )
