"""What the plane's own APIs answer. Unknown fields are passed over."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

LEAST, MOST = "autoscaling.knative.dev/min-scale", "autoscaling.knative.dev/max-scale"
OPENFAAS_LEAST, OPENFAAS_MOST = "com.openfaas.scale.min", "com.openfaas.scale.max"


class _Wire(msgspec.Struct, rename="camel"):
    pass


class FunctionStatus(_Wire):
    """A function as OpenFaaS tells it."""

    name: str
    image: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    invocation_count: float = 0
    replicas: int = 0
    available_replicas: int = 0
    created_at: str = ""
    warm_parent: str = ""


class LogLine(msgspec.Struct):
    """A line of a function's log, and the replica that wrote it."""

    text: str
    instance: str = ""
    timestamp: str = ""


class LogEntry(msgspec.Struct):
    """A line of any log, understood: who said what, how bad it is, of which trace."""

    time: str
    service: str
    level: str
    event: str
    trace: str = ""
    instance: str = ""
    text: str = ""


class LogEntries(msgspec.Struct):
    """Lines, the newest first."""

    lines: list[LogEntry]


class Anomaly(msgspec.Struct):
    """What is unusual of a service: its calls, their times and errors, or what it logs."""

    service: str
    kind: str
    value: float
    usual: float = 0.0
    low: float | None = None
    high: float | None = None
    text: str = ""
    example: str = ""
    trace: str = ""


class Anomalies(msgspec.Struct):
    """What was unusual in some minutes."""

    since: str
    until: str
    anomalies: list[Anomaly]


class Metadata(_Wire):
    """What every object has."""

    name: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    creation_timestamp: str | None = None
    resource_version: str = ""


class Condition(_Wire):
    """One thing that is so, or is not."""

    type: str
    status: str = ""
    message: str = ""


class Share(_Wire):
    """The share of the calls that a revision gets, in percent; `latest_revision`: the newest."""

    revision_name: str = ""
    latest_revision: bool = False
    percent: int | None = None
    tag: str = ""


class Template(_Wire):
    """What revisions are made of."""

    metadata: Metadata = msgspec.field(default_factory=Metadata)


class ServiceSpec(_Wire):
    """What is wanted of a Service."""

    template: Template = msgspec.field(default_factory=Template)
    traffic: list[Share] = []


class ServiceStatus(_Wire):
    """What became of a Service."""

    conditions: list[Condition] = []
    latest_created_revision_name: str = ""
    latest_ready_revision_name: str = ""
    url: str = ""
    traffic: list[Share] = []


class Service(_Wire):
    """A function as Knative Serving tells it."""

    metadata: Metadata
    spec: ServiceSpec = msgspec.field(default_factory=ServiceSpec)
    status: ServiceStatus = msgspec.field(default_factory=ServiceStatus)

    @property
    def failure(self) -> str:
        """Why it is not ready; empty where it is, or may be soon."""
        for one in self.status.conditions:
            if one.type == "Ready" and one.status == "False":
                return one.message or "It is not ready."
        return ""


class RevisionStatus(_Wire):
    """What became of a revision."""

    conditions: list[Condition] = []
    actual_replicas: int = 0


class Revision(_Wire):
    """One state of a function's code and settings, which never changes."""

    metadata: Metadata
    status: RevisionStatus = msgspec.field(default_factory=RevisionStatus)

    @property
    def failure(self) -> str:
        """Why it does not start; empty where it does."""
        for one in self.status.conditions:
            if one.type == "Ready" and one.status == "False":
                return one.message or "It does not start."
        return ""


class Ref(_Wire):
    """An object by kind and name."""

    kind: str = ""
    name: str = ""


class Destination(_Wire):
    """Where events go."""

    ref: Ref | None = None
    uri: str = ""


class SourceSpec(_Wire):
    """What leads events somewhere: a trigger's broker and filter, a ping source's schedule."""

    broker: str = ""
    filter: dict[str, dict[str, str]] | None = None
    filters: list[dict[str, object]] = []
    schedule: str = ""
    subscriber: Destination | None = None
    sink: Destination | None = None


class Source(_Wire):
    """A trigger or a ping source."""

    metadata: Metadata
    spec: SourceSpec = msgspec.field(default_factory=SourceSpec)
    kind: str = ""

    @property
    def leads_to(self) -> Destination:
        """Where its events go."""
        return self.spec.subscriber or self.spec.sink or Destination()


class Pod(_Wire):
    """One replica."""

    metadata: Metadata


class Listed(msgspec.Struct, Generic[T]):
    """A list of the Kubernetes API."""

    items: list[T]


class Figures(msgspec.Struct):
    """What was counted of a function since the plane began to count; times in seconds.

    `p95` is the time within which 95 of 100 calls were answered, as far as the buckets tell;
    `queued` are the asynchronous calls that wait now.
    """

    calls: int = 0
    refused: int = 0
    failed: int = 0
    p95: float | None = None
    cold_starts: int = 0
    cold_p95: float | None = None
    deaths: int = 0
    queued: int = 0
