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


class HttpGet(_Base):
    """The HTTP form of a probe."""

    path: str = "/"


class ProbeSpec(_Base):
    """A readiness probe; other forms than HTTP mean a connect.

    Period and threshold are looked at for nonsense alone: a replica gets no call before it is ready
    and is asked much more often until then, as by Knative itself where no period is given.
    """

    http_get: HttpGet | None = None
    period_seconds: float = 1.0
    timeout_seconds: float = 1.0
    failure_threshold: int = 3


class LivenessSpec(_Base):
    """A liveness probe, with Kubernetes' own defaults; without HTTP the process alone is asked."""

    http_get: HttpGet | None = None
    period_seconds: float = 10.0
    timeout_seconds: float = 1.0
    failure_threshold: int = 3


class Port(_Base):
    """A container port."""

    container_port: int = 8080
    name: str = ""


class Container(_Base):
    """The one container of a revision."""

    image: str
    command: list[str] = []
    args: list[str] = []
    working_dir: str = ""
    env: list[EnvVar] = []
    env_from: list[EnvFrom] = []
    ports: list[Port] = []
    readiness_probe: ProbeSpec | None = None
    liveness_probe: LivenessSpec | None = None


class TemplateSpec(_Base):
    """``spec.template.spec``."""

    containers: list[Container]
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
