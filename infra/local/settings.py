"""Where everything is: ports and folders, from the environment, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from infra.local.errors import LocalError

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Port:
    """A port, and the variable that changes it."""

    number: int
    variable: str


@dataclass(frozen=True)
class Settings:
    """The settings of one local stack. `home` holds all that it writes."""

    home: Path
    web: Port
    gateway: Port
    gateway_metrics: Port
    firestore: Port
    storage: Port
    nats: Port
    nats_monitor: Port
    project: str
    bucket: str

    @property
    def ports(self) -> list[Port]:
        """Every port that a part listens on."""
        found = (getattr(self, field.name) for field in fields(self))
        return [port for port in found if isinstance(port, Port)]

    @property
    def data(self) -> Path:
        """What must survive: documents, files, streams, deployments."""
        return self.home / "data"

    @property
    def logs(self) -> Path:
        """One log a part."""
        return self.home / "logs"

    @property
    def key_file(self) -> Path:
        """The first API key."""
        return self.home / "key"

    @property
    def password_file(self) -> Path:
        """The password of the gateway's administration routes."""
        return self.home / "gateway-password"

    @property
    def gateway_url(self) -> str:
        """Where functions are called."""
        return f"http://{HOST}:{self.gateway.number}"

    @property
    def web_url(self) -> str:
        """Where the pages are."""
        return f"http://{HOST}:{self.web.number}"


def from_env(env: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises:
        LocalError: a value is wrong; the text names key, value and what is wanted.
    """
    settings = _read(env)
    _check_apart(settings)
    return settings


def _read(env: Mapping[str, str]) -> Settings:
    home = Path(env.get("MAYFLY_HOME") or ROOT / ".mayfly").expanduser().absolute()
    return Settings(
        home=home,
        web=_port(env, "MAYFLY_WEB_PORT", 8000),
        gateway=_port(env, "MAYFLY_GATEWAY_PORT", 8080),
        gateway_metrics=_port(env, "MAYFLY_GATEWAY_METRICS_PORT", 8082),
        firestore=_port(env, "MAYFLY_FIRESTORE_PORT", 8200),
        storage=_port(env, "MAYFLY_STORAGE_PORT", 9023),
        nats=_port(env, "MAYFLY_NATS_PORT", 4222),
        nats_monitor=_port(env, "MAYFLY_NATS_MONITOR_PORT", 8222),
        project=env.get("GOOGLE_CLOUD_PROJECT", "mayfly-local"),
        bucket=env.get("MAYFLY_BUCKET", "mayfly"),
    )


def _check_apart(settings: Settings) -> None:
    """Refuse one port for two parts."""
    taken: dict[int, str] = {}
    for port in settings.ports:
        other = taken.setdefault(port.number, port.variable)
        if other != port.variable:
            raise LocalError(
                f"{other} and {port.variable} are both {port.number}.", "Give each its own port."
            )


def _port(env: Mapping[str, str], variable: str, default: int) -> Port:
    text = env.get(variable, str(default))
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 65536:
        raise LocalError(f"{variable}={text!r} is not a port: give a number from 1 to 65535.")
    return Port(int(text), variable)
