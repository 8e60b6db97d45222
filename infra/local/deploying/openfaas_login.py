"""Who a gateway of OpenFaaS takes us for: what `faas-cli login` has left, or a password."""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path

from infra.local.deploying import typed_yaml
from infra.local.deploying.typed_yaml import Value
from infra.local.errors import LocalError

PASSWORD_VARIABLE = "OPENFAAS_PASSWORD"  # noqa: S105 - the name of a variable
USER = "admin"


def basic(user: str, password: str) -> str:
    """Return an `Authorization` field of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def authorization(url: str, user: str, env: Mapping[str, str] = os.environ) -> str:
    """Return the `Authorization` for a gateway: the variable's password, or `faas-cli login`'s.

    Raises:
        LocalError: there is neither, or the file of logins cannot be read.
    """
    if env.get(PASSWORD_VARIABLE):
        return basic(user, env[PASSWORD_VARIABLE])
    file = config_file(env)
    for login in _logins(file):
        if _named(login.get("gateway").text()) == _named(url):
            return _of_login(login, file)
    raise LocalError(
        f"No login for {url} in {file}.",
        f"faas-cli login --gateway {url}; or --password-stdin; or set {PASSWORD_VARIABLE}.",
    )


def config_file(env: Mapping[str, str]) -> Path:
    """Return where `faas-cli` keeps its logins."""
    folder = env.get("OPENFAAS_CONFIG")
    if not folder:
        folder = ".openfaas" if env.get("CI") in {"true", "1"} else "~/.openfaas"
    if folder.startswith("~") and env.get("HOME"):
        folder = env["HOME"] + folder[1:]
    return Path(folder) / "config.yml"


def _named(url: str) -> str:
    """Return an address as `faas-cli` keeps it."""
    return url.rstrip("/").lower()


def _logins(file: Path) -> list[Value]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return typed_yaml.load(file, text).get("auths").values()


def _of_login(login: Value, file: Path) -> str:
    token = login.get("token").text()
    if login.get("auth").text() != "basic":
        return f"Bearer {token}"
    try:
        base64.b64decode(token, validate=True)
    except binascii.Error as error:
        raise LocalError(
            f"{file}: a token is not base64.", "Log in again: faas-cli login"
        ) from error
    return f"Basic {token}"
