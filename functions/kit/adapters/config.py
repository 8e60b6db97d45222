"""Settings from the environment: read once, at the edge; a wrong value is named."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from functions.kit.contract.access.api_key import FIRST_KEY, STEP_SECRET
from functions.kit.contract.access.identity import KEPT_FOR
from functions.kit.lazy import pattern

T = TypeVar("T")
_DIGEST = pattern("[0-9a-f]{64}")

QUEUES = ("openfaas", "broker", "pubsub")
"""What may carry hints to look at steps, the usual one first."""

SECRETS_DIR = "/var/openfaas/secrets"
# What names another folder. The gateway sets the second: it cannot make SECRETS_DIR everywhere.
SECRETS_VARIABLES = ("MAYFLY_SECRETS_DIR", "OPENFAAS_SECRETS")


class ConfigError(Exception):
    """A setting is missing or wrong; the text names the key, the value and what is wanted."""


class MissingSecret(ConfigError):  # noqa: N818 - a state that may be right
    """A secret is nowhere."""


def setting(
    env: Mapping[str, str], key: str, cast: Callable[[str], T], default: T | None = None
) -> T:
    """Return `env[key]` cast by `cast`.

    Raises:
        ConfigError: the key is missing and has no default, or the value does not cast.
    """
    text = env.get(key)
    if text is None:
        if default is None:
            raise ConfigError(f"{key} is not set; it must be a {cast.__name__}.")
        return default
    try:
        return cast(text)
    except ValueError as error:
        raise ConfigError(f"{key}={text!r} is not a {cast.__name__}.") from error


def secret(env: Mapping[str, str], key: str, name: str) -> str:
    """Return a secret: the variable `key`, else the OpenFaaS secret file called `name`.

    The file's folder is the first that one of SECRETS_VARIABLES names, else SECRETS_DIR.

    Raises:
        MissingSecret: neither is there.
        ConfigError: it is empty: everybody would know that secret.
    """
    folders = (env[variable] for variable in SECRETS_VARIABLES if env.get(variable))
    path = Path(next(folders, SECRETS_DIR)) / name
    try:
        text = env[key] if key in env else path.read_text()
    except OSError as error:
        raise MissingSecret(f"{key} is not set and there is no secret file {path}.") from error
    if not text.strip():
        place = key if key in env else f"The secret file {path}"
        raise ConfigError(f"{place} is empty; it must hold a secret.")
    return text.strip()


def optional_digest(env: Mapping[str, str], key: str, name: str) -> str:
    """Return a SHA-256 that is kept as a secret; empty where there is none.

    Raises:
        ConfigError: what is there is not 64 hexadecimal digits.
    """
    try:
        found = secret(env, key, name)
    except MissingSecret:
        return ""
    if not _DIGEST.fullmatch(found):
        raise ConfigError(
            f"{key}, or the secret file {name}, is no SHA-256: 64 hexadecimal digits are wanted, "
            "not the key itself. ./mayfly setup makes it."
        )
    return found


def project_id(env: Mapping[str, str]) -> str:
    """Return the Google Cloud project that documents and files belong to."""
    return setting(env, "GOOGLE_CLOUD_PROJECT", str, "mayfly-local")


class Settings(msgspec.Struct, frozen=True):
    """What a function reads from its environment."""

    project: str
    bucket: str
    gateway_url: str
    step_secret: str
    max_json_bytes: int
    first_key: str = ""  # the digest of a key that counts before any is stored
    queue: str = QUEUES[0]
    broker_url: str = ""
    identities_kept: float = KEPT_FOR  # seconds
    activity: bool = True  # whether requests are told of

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raises ConfigError."""
        gateway_url = setting(env, "MAYFLY_GATEWAY_URL", str, "http://127.0.0.1:8080")
        broker_url = f"{gateway_url.rstrip('/')}/broker/default/default"
        return cls(
            project=project_id(env),
            bucket=setting(env, "MAYFLY_BUCKET", str, "mayfly"),
            gateway_url=gateway_url,
            step_secret=secret(env, *STEP_SECRET),
            max_json_bytes=setting(env, "MAYFLY_MAX_JSON_BYTES", int, 10 * 1024 * 1024),
            first_key=optional_digest(env, *FIRST_KEY),
            queue=_queue(env),
            broker_url=setting(env, "MAYFLY_BROKER_URL", str, broker_url),
            identities_kept=setting(env, "MAYFLY_IDENTITIES_KEPT_SECONDS", float, KEPT_FOR),
            activity=setting(env, "MAYFLY_ACTIVITY", switch, default=True),
        )


def switch(text: str) -> bool:
    """Return whether `text` says "on"; raises ValueError when it is neither that nor "off"."""
    if text not in {"on", "off"}:
        raise ValueError(text)
    return text == "on"


def positive(text: str) -> int:
    """Return a whole number from 1 on; raises ValueError."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def _queue(env: Mapping[str, str]) -> str:
    found = setting(env, "MAYFLY_QUEUE", str, QUEUES[0])
    if found not in QUEUES:
        raise ConfigError(f"MAYFLY_QUEUE={found!r} is no queue of ours: {', '.join(QUEUES)}.")
    return found
