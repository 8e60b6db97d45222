"""The parts: how each is started, and how it shows that it is ready."""

import importlib.util
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from infra.local.errors import LocalError
from infra.local.health import probes
from infra.local.platforms import VARIABLES
from infra.local.settings import HOST, INDEXES, INSTALL_AGAIN, ROOT, Port, Settings
from infra.local.stack import preload
from infra.local.system.processes import MARK


@dataclass(frozen=True)
class Part:
    """One process of the stack.

    Attributes:
        ports: what it listens on; the first is the one that clients use.
        probe: how it is asked on the wire whether it works.
        modules: what must be installed for it to start.
        restart_after_full_disk: once it has met a full disk, it works again only after a restart.
    """

    name: str
    command: list[str]
    env: Mapping[str, str]
    ports: tuple[Port, ...]
    probe: probes.Probe
    modules: tuple[str, ...]
    restart_after_full_disk: bool = False

    @property
    def address(self) -> str:
        """Where its clients find it."""
        return f"{HOST}:{self.ports[0].number}"

    def is_ready(self) -> bool:
        """Ask it on the wire; waits a moment for the answer."""
        return self.probe.is_ready()


def all_parts(settings: Settings) -> dict[str, Part]:
    """Return the parts by name, in the order in which they start."""
    parts = [
        _firestore(settings),
        _storage(settings),
        _nats(settings),
        _gateway(settings),
        _web(settings),
    ]
    return {part.name: part for part in parts}


def check_modules(part: Part) -> None:
    """Refuse to start a part whose packages are not all there.

    Raises:
        LocalError: one is missing.
    """
    for module in part.modules:
        if importlib.util.find_spec(module) is None:
            raise LocalError(
                f"{part.name} needs the Python package {module!r}, which is missing.",
                INSTALL_AGAIN,
            )


def function_env(settings: Settings) -> dict[str, str]:
    """Return what functions read from their configuration (no secrets)."""
    return {
        "FIRESTORE_EMULATOR_HOST": f"{HOST}:{settings.firestore.number}",
        "STORAGE_EMULATOR_HOST": f"http://{HOST}:{settings.storage.number}",
        "GOOGLE_CLOUD_PROJECT": settings.project,
        "MAYFLY_BUCKET": settings.bucket,
        "MAYFLY_GATEWAY_URL": settings.gateway_url,
        "MAYFLY_WEB_URL": settings.web_url,
        **settings.platform_variables(),
        **dict(settings.reach),
    }


def _part(
    settings: Settings,
    name: str,
    command: list[str],
    ports: tuple[Port, ...],
    probe: probes.Probe,
    modules: tuple[str, ...],
    env: Mapping[str, str] | None = None,
    *,
    restart_after_full_disk: bool = False,
) -> Part:
    inherited = {key: text for key, text in os.environ.items() if key not in VARIABLES}
    whole = {**inherited, "PYTHONUNBUFFERED": "1", MARK: str(settings.home), **(env or {})}
    whole_command = [sys.executable, "-m", *command]
    return Part(name, whole_command, whole, ports, probe, modules, restart_after_full_disk)


def _listen(settings: Settings, name: str, port: Port) -> list[str]:
    return ["--data", str(settings.data / name), "--host", HOST, "--port", str(port.number)]


def _firestore(settings: Settings) -> Part:
    port = settings.firestore
    return _part(
        settings,
        "firestore",
        ["emulators.firestore", *_listen(settings, "firestore", port)],
        (port,),
        probes.grpc(port.number),
        ("grpc", "google.cloud.firestore_v1"),
        _indexes(os.environ),
    )


def _indexes(env: Mapping[str, str]) -> dict[str, str]:
    """Demand the indexes that Mayfly declares to the real service, unless the caller says else.

    Who records which indexes queries need wants them answered.
    """
    demand = "0" if env.get("FIRESTORE_RECORD_INDEXES") else "1"
    ours = {"FIRESTORE_INDEXES": str(INDEXES), "FIRESTORE_REQUIRE_INDEXES": demand}
    return {variable: env.get(variable, value) for variable, value in ours.items()}


def _storage(settings: Settings) -> Part:
    port = settings.storage
    listen = _listen(settings, "storage", port)
    return _part(
        settings,
        "storage",
        ["emulators.storage", *listen, "--bucket", settings.bucket],
        (port,),
        probes.http(port.number, "/"),
        ("google_crc32c", "httptools"),
    )


def _nats(settings: Settings) -> Part:
    port = settings.nats
    return _part(
        settings,
        "nats",
        ["emulators.broker", *_listen(settings, "nats", port)],
        (port,),
        probes.jetstream(port.number, settings.nats_token_file),
        (),
        _nats_token(settings),
        restart_after_full_disk=True,
    )


def _gateway(settings: Settings) -> Part:
    port, metrics = settings.gateway, settings.gateway_metrics
    return _part(
        settings,
        "gateway",
        [
            "emulators.gateway",
            *_listen(settings, "gateway", port),
            *["--metrics-port", str(metrics.number)],
            *["--nats", f"nats://{HOST}:{settings.nats.number}"],
            *["--root", str(ROOT)],
        ],
        (port, metrics, *([settings.grpc] if settings.platform.has_knative else [])),
        probes.http(port.number, "/healthz"),
        ("uvloop", "httptools", "nats", "cryptography", "functions_framework", "granian"),
        {
            "GATEWAY_PASSWORD_FILE": str(settings.password_file),
            "GATEWAY_HIDDEN": _hidden(settings),
            "GATEWAY_PART_LOGS": str(settings.logs),
            "GATEWAY_PAGES": f"{settings.web_url}/functions",
            **_nats_token(settings),
            **settings.port_variables(),
            **_platform(settings),
            **preload.variables(os.environ),
        },
    )


def _platform(settings: Settings) -> dict[str, str]:
    """Return what the platform is for the gateway."""
    platform = settings.platform
    edition = {"GATEWAY_EDITION": platform.edition} if platform.edition else {}
    return {"GATEWAY_APIS": platform.apis, **edition}


def _nats_token(settings: Settings) -> dict[str, str]:
    """Name the token's file: on a command line everybody on the machine could read the token."""
    return {"NATS_TOKEN_FILE": str(settings.nats_token_file)}


def _hidden(settings: Settings) -> str:
    """Return what functions are not to see: other parts' data and logs, passwords and keys."""
    secrets = ("step-secret", "key", "gateway-password", "nats-token", "web-secret")
    names = (*secrets, "data", "logs", "run.json")
    return os.pathsep.join(str(settings.home / name) for name in names)


def _web(settings: Settings) -> Part:
    port = settings.web
    return _part(
        settings,
        "web",
        [
            "gunicorn",
            "-k",
            "gevent",
            "--no-control-socket",
            "--logger-class=web.logs.GunicornLogger",
            "-b",
            f"{HOST}:{port.number}",
            "web.main:app",
        ],
        (port,),
        probes.http(port.number, "/healthz"),
        ("gunicorn", "gevent", "flask"),
        {
            "MAYFLY_GATEWAY_URL": settings.gateway_url,
            # For the operator's pages alone: functions are told neither this nor the file's place.
            "MAYFLY_GATEWAY_PASSWORD_FILE": str(settings.password_file),
            "MAYFLY_GATEWAY_METRICS_URL": f"http://{HOST}:{settings.gateway_metrics.number}",
            "MAYFLY_DATA_PLACE": str(settings.data),
            "MAYFLY_KEY_FILE": str(settings.key_file),
            "MAYFLY_WEB_SECRET_FILE": str(settings.web_secret_file),
            **settings.platform_variables(),
        },
    )
