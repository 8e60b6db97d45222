"""The secrets that a system of Mayfly needs before its functions are deployed, wherever it runs."""

import base64
import json
import secrets
import shutil
import subprocess
from pathlib import Path

import yaml

from functions.kit.adapters.api_keys import ensure_file, write_file
from functions.kit.contract.access.api_key import (
    FIRST_KEY,
    PREFIX,
    STEP_SECRET,
    digest,
    is_key,
    new_key,
)
from infra.local.errors import LocalError

KUBERNETES_NAME = "mayfly"  # as infra/knative/*.yaml name it


def new_step_secret() -> str:
    """Return a fresh secret that signs the tokens between functions."""
    return secrets.token_urlsafe(32)


def key_of(file: Path | None, *, fresh: bool) -> str:
    """Return an API key: that of a file, which is made where it is missing, or a fresh one.

    Args:
        file: where the key is to lie; None for nowhere.
        fresh: whether a key that lies there counts no more; it stays until `keep`.

    Raises:
        LocalError: the file holds something else.
    """
    if file is None or fresh:
        return new_key()
    try:
        key = ensure_file(file, new_key)
    except ValueError as error:
        raise LocalError(f"{error}.", "Remove it, and a key is made.") from error
    if not is_key(key):
        raise LocalError(f"{file} holds no API key ({PREFIX}...).", "Name another file: --key-file")
    return key


def keep(key: str, file: Path) -> None:
    """Let a file hold a key that counts from now on, for its owner's eyes."""
    write_file(file, key + "\n")


def manifest(held: dict[str, str], key: str, namespace: str) -> str:
    """Return the secret as Kubernetes takes it: what `envFrom` of the functions' files reads.

    Args:
        held: what the cluster has and keeps (`held_by_kubernetes`).
        key: the first API key; it is not looked at where one is held.
        namespace: of the functions.
    """
    made = {STEP_SECRET[0]: new_step_secret(), FIRST_KEY[0]: digest(key)}
    found = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": KUBERNETES_NAME, "namespace": namespace},
        "type": "Opaque",
        "stringData": made | held,
    }
    return str(yaml.safe_dump(found, sort_keys=False))


def held_by_kubernetes(namespace: str, name: str = KUBERNETES_NAME) -> dict[str, str]:
    """Return what a secret of a cluster, kubectl's current one, holds; raises LocalError."""
    words = ("get", "secret", name, "-n", namespace, "--ignore-not-found", "-o", "json")
    held = json.loads(_kubectl(*words) or "{}").get("data") or {}
    return {key: base64.b64decode(value).decode() for key, value in held.items()}


def apply(text: str) -> None:
    """Give a cluster what a manifest says; raises LocalError."""
    _kubectl("apply", "-f", "-", given=text)


def _kubectl(*words: str, given: str | None = None) -> str:
    program = shutil.which("kubectl")
    if program is None:
        raise LocalError("There is no kubectl here.", "Leave --apply out, and apply what is told.")
    try:
        done = subprocess.run(
            [program, *words], input=given, capture_output=True, text=True, check=False, timeout=60
        )
    except subprocess.TimeoutExpired as error:
        raise LocalError("kubectl does not end within 60 s.", "Does the cluster answer?") from error
    if done.returncode:
        raise LocalError(f"kubectl {' '.join(words[:2])}: {done.stderr.strip()[:500]}")
    return done.stdout
