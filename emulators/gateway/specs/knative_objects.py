"""Knative Serving ``Service`` objects as files write them; `knative` reads them."""

import msgspec

from emulators.gateway.specs.traffic import TrafficSpec

API_VERSION = "serving.knative.dev/v1"
DEFAULT_TIMEOUT = 300


class _Base(msgspec.Struct, rename="camel"):
    pass


class Metadata(_Base):
    """``metadata`` of a service or of its template."""

    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class KeyRef(_Base):
    """One key of a config map or secret."""

    name: str
    key: str
    optional: bool = False


class ValueFrom(_Base):
    """``valueFrom`` of an environment variable."""

    secret_key_ref: KeyRef | None = None
    config_map_key_ref: KeyRef | None = None


class EnvVar(_Base):
    """One environment variable."""

    name: str
    value: str | None = None
    value_from: ValueFrom | None = None


class NameRef(_Base):
    """A config map or secret, whole."""

    name: str
    optional: bool = False


class EnvFrom(_Base):
    """``envFrom``: every key of a config map or secret."""

    config_map_ref: NameRef | None = None
    secret_ref: NameRef | None = None
    prefix: str = ""


class Header(_Base):
    """A header of a probe's request."""

    name: str
    value: str = ""


class HttpGet(_Base):
    """The HTTP form of a probe."""

    path: str = "/"
    port: int | str = 0
    scheme: str = "HTTP"
    http_headers: list[Header] = []


class TcpSocket(_Base):
    """The form of a probe that is a connect; that of gRPC, too, as far as it is understood."""

    port: int | str = 0


class Exec(_Base):
    """The form of a probe that is a command."""

    command: list[str] = []


class ProbeSpec(_Base):
    """A probe; nought stands for what is usual."""

    http_get: HttpGet | None = None
    tcp_socket: TcpSocket | None = None
    grpc: TcpSocket | None = None
    exec: Exec | None = None
    initial_delay_seconds: float = 0.0
    period_seconds: float = 0.0
    timeout_seconds: float = 0.0
    failure_threshold: int = 0
    success_threshold: int = 0


class Port(_Base):
    """A container port."""

    container_port: int = 8080
    name: str = ""


class Capabilities(_Base):
    """What a process of root's may do beyond its user's rights."""

    drop: list[str] = []


class SecurityContext(_Base):
    """What a container gives up; fields that mean nothing to a process here are let through."""

    allow_privilege_escalation: bool = True
    capabilities: Capabilities = msgspec.field(default_factory=Capabilities)


class KeyToPath(_Base):
    """One key of a config map or secret as a file."""

    key: str
    path: str
    mode: int | None = None


class FilesSpec(_Base):
    """A config map or secret in a volume; a secret's name has another field of its own."""

    name: str = ""
    secret_name: str = ""
    items: list[KeyToPath] = []
    default_mode: int | None = None
    optional: bool = False


class ProjectedPart(_Base):
    """One source of a projected volume."""

    secret: FilesSpec | None = None
    config_map: FilesSpec | None = None


class Projected(_Base):
    """Several sources in one volume."""

    sources: list[ProjectedPart] = []
    default_mode: int | None = None


class EmptyDir(_Base):
    """An empty folder; what bounds it is not kept to."""


class VolumeSpec(_Base):
    """A volume, of one of these kinds."""

    name: str
    secret: FilesSpec | None = None
    config_map: FilesSpec | None = None
    projected: Projected | None = None
    empty_dir: EmptyDir | None = None


class VolumeMountSpec(_Base):
    """Where a container wants a volume."""

    name: str
    mount_path: str
    sub_path: str = ""
    read_only: bool = False


class Container(_Base):
    """The one container of a revision."""

    image: str
    command: list[str] = []
    args: list[str] = []
    working_dir: str = ""
    env: list[EnvVar] = []
    env_from: list[EnvFrom] = []
    ports: list[Port] = []
    volume_mounts: list[VolumeMountSpec] = []
    security_context: SecurityContext | None = None
    readiness_probe: ProbeSpec | None = None
    liveness_probe: ProbeSpec | None = None
    startup_probe: ProbeSpec | None = None


class TemplateSpec(_Base):
    """``spec.template.spec``."""

    containers: list[Container]
    volumes: list[VolumeSpec] = []
    container_concurrency: int = 0
    timeout_seconds: int = DEFAULT_TIMEOUT
    response_start_timeout_seconds: int | None = None
    idle_timeout_seconds: int = 0


class Template(_Base):
    """``spec.template``."""

    spec: TemplateSpec
    metadata: Metadata = msgspec.field(default_factory=Metadata)


class ServiceSpec(_Base):
    """``spec``."""

    template: Template
    traffic: list[TrafficSpec] = []


class Service(_Base):
    """A ``serving.knative.dev/v1`` Service; fields that the plane does not use are let through."""

    metadata: Metadata
    spec: ServiceSpec
    api_version: str = API_VERSION
    kind: str = "Service"
