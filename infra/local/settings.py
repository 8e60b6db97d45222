"""Where everything is: ports and folders, from the environment, read once."""

import os
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from infra.local.errors import LocalError
from infra.local.platforms import PLATFORMS, Platform

ROOT = Path(__file__).resolve().parents[2]
# The script of a checkout, or the program that a wheel has brought: what the user calls.
IS_CHECKOUT = (ROOT / "mayfly").is_file()
PROGRAM = ROOT / "mayfly" if IS_CHECKOUT else Path(sysconfig.get_path("scripts"), "mayfly")
INSTALL_AGAIN = (
    "Remove .venv/.mayfly-stamp and call ./mayfly again to install it."
    if IS_CHECKOUT
    else "Install Mayfly's wheel again."
)
HOST = "127.0.0.1"
# What is deployed to the real Firestore, and what the local one is started with.
INDEXES = ROOT / "infra" / "cloud" / "gcp" / "firestore.indexes.json"
# What functions may reach of this machine and its network: theirs to read, its user's to say.
# And who takes their mails, and where they send spans, by OpenTelemetry's own variables
# (infra/observability/README.md).
REACH = (
    "MAYFLY_ALLOWED_ADDRESSES",
    "MAYFLY_MAIL_FROM",
    "MAYFLY_SMTP_URL",
    "MAYFLY_SQL_FILES",
    "OTEL_BSP_SCHEDULE_DELAY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_SDK_DISABLED",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
)


@dataclass(frozen=True)
class Port:
    """A port, and the variable that changes it."""

    number: int
    variable: str


@dataclass(frozen=True)
class Settings:
    """The settings of one local stack.

    `home` holds all that it writes; a part that is silent for `hung_after` seconds is replaced.
    `reach` is what is set of REACH, and its values.
    """

    home: Path
    web: Port
    gateway: Port
    gateway_metrics: Port
    grpc: Port
    firestore: Port
    storage: Port
    nats: Port
    project: str
    bucket: str
    hung_after: float
    platform: Platform = PLATFORMS["local"]
    reach: tuple[tuple[str, str], ...] = ()

    def ports_by_name(self) -> dict[str, Port]:
        """Return every port by the name of its field."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: port for name, port in found.items() if isinstance(port, Port)}

    def port_numbers(self) -> dict[str, int]:
        """Return the number of every port, as a run notes them."""
        return {name: port.number for name, port in self.ports_by_name().items()}

    def number_of(self, port: Port) -> int:
        """Return the number that these settings give to the port of that variable."""
        return next(p.number for p in self.ports_by_name().values() if p.variable == port.variable)

    def with_port(self, port: Port, number: int) -> "Settings":
        """Return these settings with another number for the port of that variable."""
        [name] = [
            name for name, one in self.ports_by_name().items() if one.variable == port.variable
        ]
        return self.with_ports({name: number})

    def with_platform(self, name: str) -> "Settings":
        """Return these settings with another platform.

        Raises:
            LocalError: there is none of that name.
        """
        return replace(self, platform=_platform(name))

    def with_ports(self, numbers: Mapping[str, int]) -> "Settings":
        """Return these settings with other numbers for some ports (see `port_numbers`)."""
        known = self.ports_by_name()
        chosen: dict[str, Any] = {
            name: replace(known[name], number=number)
            for name, number in numbers.items()
            if name in known
        }
        return replace(self, **chosen)

    def platform_variables(self) -> dict[str, str]:
        """Return what the platform tells its functions and pages."""
        return self.platform.variables(HOST, self.gateway.number)

    def port_variables(self) -> dict[str, str]:
        """Return the variables by which another process gets the same ports."""
        return {port.variable: str(port.number) for port in self.ports_by_name().values()}

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
    def web_secret_file(self) -> Path:
        """What signs the cookies of the pages."""
        return self.home / "web-secret"

    @property
    def password_file(self) -> Path:
        """The password of the gateway's administration routes."""
        return self.home / "gateway-password"

    @property
    def nats_token_file(self) -> Path:
        """What NATS wants to see from its clients."""
        return self.home / "nats-token"

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"http://{HOST}:{self.gateway.number}"

    @property
    def openfaas_url(self) -> str:
        """Where OpenFaaS's routes are; empty where they are off."""
        return self.gateway_url if self.platform.has_openfaas else ""

    @property
    def addresses(self) -> FunctionAddresses:
        """Where functions are called."""
        return self.platform.addresses(HOST, self.gateway.number)

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
        grpc=_port(env, "MAYFLY_GRPC_PORT", 8081),
        firestore=_port(env, "MAYFLY_FIRESTORE_PORT", 8200),
        storage=_port(env, "MAYFLY_STORAGE_PORT", 9023),
        nats=_port(env, "MAYFLY_NATS_PORT", 4222),
        project=env.get("GOOGLE_CLOUD_PROJECT", "mayfly-local"),
        bucket=env.get("MAYFLY_BUCKET", "mayfly"),
        hung_after=_seconds(env, "MAYFLY_HUNG_SECONDS", 30.0),
        platform=_platform(env.get("MAYFLY_PLATFORM") or "local"),
        reach=tuple((name, env[name]) for name in REACH if env.get(name)),
    )


def _platform(name: str) -> Platform:
    """Return the platform of that name.

    Raises:
        LocalError: there is none.
    """
    if name not in PLATFORMS:
        raise LocalError(
            f"MAYFLY_PLATFORM={name!r} is no platform: give one of {', '.join(PLATFORMS)}."
        )
    return PLATFORMS[name]


def _check_apart(settings: Settings) -> None:
    """Refuse one port for two parts."""
    taken: dict[int, str] = {}
    for field in fields(settings):
        port = getattr(settings, field.name)
        if not isinstance(port, Port):
            continue
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


def _seconds(env: Mapping[str, str], variable: str, default: float) -> float:
    text = env.get(variable, str(default))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 3600:
        raise LocalError(f"{variable}={text!r}: give seconds from 1 to 3600.")
    return seconds
