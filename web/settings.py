"""Settings from the environment: read once, at the edge; a wrong value is named."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from web import addresses
from web.addresses import Addresses

HERE = Path(__file__).parent


class ConfigError(Exception):
    """A setting is missing or wrong; the text names the key, the value and what is wanted."""


@dataclass(frozen=True)
class Settings:
    """What the web container reads from its environment.

    `functions` is where this process calls them, `public` where a reader's own machine does (shown
    in curl commands).
    `hosts` are names that pages answer to besides loopback's: a page opened under another name is
    refused, which stops a hostile site from reaching this server by pointing its own name at it.
    """

    functions: Addresses
    public: Addresses
    key: str
    key_file: Path | None = None
    hosts: tuple[str, ...] = ()
    scripts: Path = HERE / "node_modules"
    examples: Path = HERE.parent / "examples"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raise ConfigError where one is wrong."""
        functions, public = _addresses(env)
        file = Path(env["MAYFLY_KEY_FILE"]) if env.get("MAYFLY_KEY_FILE") else None
        return cls(
            functions=functions,
            public=public,
            key=_key(env, file),
            key_file=file,
            hosts=_hosts(env),
            scripts=Path(env.get("MAYFLY_WEB_SCRIPTS", cls.scripts)),
            examples=Path(env.get("MAYFLY_WEB_EXAMPLES", cls.examples)),
        )


def _addresses(env: Mapping[str, str]) -> tuple[Addresses, Addresses]:
    """Return where functions are called: by us, and by a reader."""
    try:
        own = addresses.from_env(env)
        return own, addresses.public_from_env(env, own)
    except ValueError as error:
        raise ConfigError(str(error)) from error


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
