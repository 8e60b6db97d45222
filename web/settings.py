"""Settings from the environment: read once, at the edge; a wrong value is named."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent


class ConfigError(Exception):
    """A setting is missing or wrong; the text names the key, the value and what is wanted."""


@dataclass(frozen=True)
class Settings:
    """What the web container reads from its environment.

    `public_url` is the gateway as a reader's own machine reaches it (shown in curl commands).
    `hosts` are names that pages answer to besides loopback's: a page opened under another name is
    refused, which stops a hostile site from reaching this server by pointing its own name at it.
    """

    gateway_url: str
    public_url: str
    key: str
    key_file: Path | None = None
    hosts: tuple[str, ...] = ()
    scripts: Path = HERE / "node_modules"
    examples: Path = HERE.parent / "examples"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raise ConfigError where one is wrong."""
        gateway = _url(env, "MAYFLY_GATEWAY_URL", "http://127.0.0.1:8080")
        file = Path(env["MAYFLY_KEY_FILE"]) if env.get("MAYFLY_KEY_FILE") else None
        return cls(
            gateway_url=gateway,
            public_url=_url(env, "MAYFLY_PUBLIC_URL", gateway),
            key=_key(env, file),
            key_file=file,
            hosts=_hosts(env),
            scripts=Path(env.get("MAYFLY_WEB_SCRIPTS", cls.scripts)),
            examples=Path(env.get("MAYFLY_WEB_EXAMPLES", cls.examples)),
        )


def _url(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name) or default
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{name}={text!r} is not a URL such as {default}.")
    return text.rstrip("/")


def _hosts(env: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(env.get("MAYFLY_WEB_HOSTS", "").replace(",", " ").split())
    for name in names:
        if "/" in name or name.count(":") == 1:
            raise ConfigError(f"MAYFLY_WEB_HOSTS: {name!r} is no host such as mayfly.example.org.")
    return names


def _key(env: Mapping[str, str], file: Path | None) -> str:
    """Return the API key, from its file or from MAYFLY_KEY."""
    if file is None:
        key = env.get("MAYFLY_KEY", "").strip()
        if not key:
            raise ConfigError("Neither MAYFLY_KEY_FILE nor MAYFLY_KEY is set; give the API key.")
        return key
    try:
        key = file.read_text().strip()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise ConfigError(f"MAYFLY_KEY_FILE={str(file)!r}: {reason}; it holds the key.") from error
    if not key:
        raise ConfigError(f"MAYFLY_KEY_FILE={str(file)!r} is empty; it must hold the API key.")
    return key
