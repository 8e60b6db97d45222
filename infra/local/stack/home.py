"""The stack's folder: made, checked, emptied; and the secrets that live in it."""

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from functions.kit.adapters import api_keys
from functions.kit.contract.access.api_key import FIRST_KEY, STEP_SECRET, digest, new_key
from infra.local.errors import LocalError, from_os_error
from infra.local.platforms import VARIABLES
from infra.local.settings import REACH, Settings
from infra.local.stack.parts import function_env

# Starting with less than this ends in half-written work.
LEAST_FREE = 200 << 20
CONFIG_NAME = "mayfly"


def prepare(settings: Settings) -> None:
    """Make the folders, secrets and configuration that the parts expect.

    Raises:
        LocalError: the folder cannot be written, or the disk is full.
    """
    try:
        _make(settings.home)
        for folder in (settings.data, settings.logs):
            folder.mkdir(exist_ok=True)
        _check_disk(settings.home)
        password(settings)
        _secret(settings.nats_token_file)
        _secret(settings.web_secret_file)
        _write_function_config(settings)
    except OSError as error:
        raise from_os_error(error) from error


def _make(home: Path) -> None:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileNotFoundError, NotADirectoryError, FileExistsError) as error:
        raise LocalError(
            f"{home} cannot be made a folder ({error.strerror}).",
            "Name another folder with MAYFLY_HOME.",
        ) from error


def empty(settings: Settings) -> None:
    """Remove all data and logs; keys and passwords stay, so that clients go on working."""
    for folder in (settings.data, settings.logs):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)


def password(settings: Settings) -> str:
    """Return the gateway's password, made on first use."""
    return _secret(settings.password_file)


def step_secret(settings: Settings) -> str:
    """Return what signs calls between functions, made on first use."""
    return _secret(settings.home / "step-secret")


def _check_disk(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"mayfly")
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise LocalError(
            f"The disk of {folder} is full: {free >> 20} MB free, {LEAST_FREE >> 20} MB wanted.",
            "Free some, or move Mayfly's folder with MAYFLY_HOME.",
        )


def _write_function_config(settings: Settings) -> None:
    """Lay out configuration and secrets as Kubernetes mounts them: a folder a map, a file a key.

    The step secret and the first key's digest lie where Mayfly's own functions alone may name
    them, in both forms; older versions had put the former among the user's.
    """
    configmap = settings.data / "gateway" / "configmaps" / CONFIG_NAME
    told = function_env(settings)
    for key, value in told.items():
        _write_private(configmap / key, value)
    for key in (*VARIABLES, *REACH):  # an earlier run may have been told otherwise
        if key not in told:
            (configmap / key).unlink(missing_ok=True)
    gateway = settings.data / "gateway"
    product = gateway / "product"
    held = {
        STEP_SECRET: step_secret(settings),
        FIRST_KEY: digest(_secret(settings.key_file, new_key)),
    }
    for (variable, name), value in held.items():
        _write_private(product / "secrets" / CONFIG_NAME / variable, value)
        _write_private(product / "openfaas-secrets" / name, value)
        (gateway / "secrets" / CONFIG_NAME / variable).unlink(missing_ok=True)
        (gateway / "openfaas-secrets" / "openfaas-fn" / name).unlink(missing_ok=True)


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _secret(path: Path, new: Callable[[], str] = _new_secret) -> str:
    """Return the secret in a file, made on first use.

    Raises:
        LocalError: the file is empty, or there is no folder for it: nothing was ever started there.
    """
    try:
        return api_keys.ensure_file(path, new)
    except FileNotFoundError as error:
        raise LocalError(
            f"There is no Mayfly at {path.parent}.",
            "Start it: ./mayfly up. Another's folder is named by MAYFLY_HOME.",
        ) from error
    except ValueError as error:
        raise LocalError(f"{error}.", "Remove it, and another is made.") from error


def _write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read: whole or not at all, and on disk for good."""
    path.parent.mkdir(parents=True, exist_ok=True)
    api_keys.write_file(path, text)
