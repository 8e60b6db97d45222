"""Settings from the environment: read once, at the edge; a wrong value is named."""

import os
import tomllib
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
    `secret` signs the cookies that hold readers' sessions.
    `key_file` is where the owner of this machine's own stack has the first key: a command that is
    shown to the owner reads it from there.
    `proxies` is how many proxies stand in front; what they say of the reader is believed.
    `hosts` are names that pages answer to besides loopback's: a page opened under another name is
    refused, which stops a hostile site from reaching this server by pointing its own name at it.
    `version` is Mayfly's, for the foot of the pages.
    """

    functions: Addresses
    public: Addresses
    secret: str
    key_file: Path | None = None
    proxies: int = 0
    hosts: tuple[str, ...] = ()
    scripts: Path = HERE / "node_modules"
    examples: Path = HERE.parent / "examples"
    version: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raise ConfigError where one is wrong."""
        functions, public = _addresses(env)
        file = Path(env["MAYFLY_KEY_FILE"]) if env.get("MAYFLY_KEY_FILE") else None
        return cls(
            functions=functions,
            public=public,
            secret=_secret(env),
            key_file=file,
            proxies=_proxies(env),
            hosts=_hosts(env),
            scripts=Path(env.get("MAYFLY_WEB_SCRIPTS", cls.scripts)),
            examples=Path(env.get("MAYFLY_WEB_EXAMPLES", cls.examples)),
            version=_version(HERE.parent / "pyproject.toml"),
        )


def _addresses(env: Mapping[str, str]) -> tuple[Addresses, Addresses]:
    """Return where functions are called: by us, and by a reader."""
    try:
        own = addresses.from_env(env)
        return own, addresses.public_from_env(env, own)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _version(file: Path) -> str:
    """Return the version that the project's own file names; empty where that is not at hand."""
    if not file.is_file():
        return ""
    return str(tomllib.loads(file.read_text())["project"]["version"])


def _hosts(env: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(env.get("MAYFLY_WEB_HOSTS", "").replace(",", " ").split())
    for name in names:
        if "/" in name or name.count(":") == 1:
            raise ConfigError(f"MAYFLY_WEB_HOSTS: {name!r} is no host such as mayfly.example.org.")
    return names


def _proxies(env: Mapping[str, str]) -> int:
    text = env.get("MAYFLY_WEB_PROXIES", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise ConfigError(f"MAYFLY_WEB_PROXIES={text!r} is no count of proxies, such as 1.")
    return int(text)


def _secret(env: Mapping[str, str]) -> str:
    """Return what signs cookies, from its file or from MAYFLY_WEB_SECRET."""
    name = env.get("MAYFLY_WEB_SECRET_FILE")
    if not name:
        secret = env.get("MAYFLY_WEB_SECRET", "").strip()
        if not secret:
            raise ConfigError(
                "Neither MAYFLY_WEB_SECRET_FILE nor MAYFLY_WEB_SECRET is set; "
                "give a random text that signs cookies."
            )
        return secret
    try:
        secret = Path(name).read_text().strip()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise ConfigError(
            f"MAYFLY_WEB_SECRET_FILE={name!r}: {reason}; it holds what signs cookies."
        ) from error
    if not secret:
        raise ConfigError(
            f"MAYFLY_WEB_SECRET_FILE={name!r} is empty; it must hold what signs cookies."
        )
    return secret
