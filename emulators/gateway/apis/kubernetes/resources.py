"""The kinds of objects that the API serves: the one list behind routes, discovery and tables."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

Cell = Callable[[Mapping[str, Any]], Any]

READ = ("get", "list", "watch")
ALL = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


class Column(msgspec.Struct, frozen=True):
    """A column of ``kubectl get``.

    Attributes:
        kind: Its type in a Table; ``date`` columns are shown as ages.
    """

    title: str
    cell: Cell
    kind: str = "string"


class Resource(msgspec.Struct, frozen=True):
    """A kind of object and its names.

    Attributes:
        group: Its API group; empty for the core one.
        strategic: Whether strategic merge patches are taken (the core kinds, as in Kubernetes).
        deprecated: What clients of an older version of the kind are told; empty for the current.
    """

    group: str
    version: str
    kind: str
    plural: str
    columns: tuple[Column, ...]
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL
    namespaced: bool = True
    strategic: bool = False
    deprecated: str = ""

    @property
    def api_version(self) -> str:
        """As objects have it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def singular(self) -> str:
        """The kind as a lower-case word."""
        return self.kind.lower()

    @property
    def qualified(self) -> str:
        """As messages name it: ``services.serving.knative.dev``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def seen_as(self) -> str:
        """What its objects are known by: those of an older version look different."""
        return f"{self.qualified}/{self.version}" if self.deprecated else self.qualified

    @property
    def base(self) -> str:
        """The address of its version."""
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"


def field(*path: str) -> Cell:
    """Return a value deep inside an object, or None."""

    def cell(thing: Mapping[str, Any]) -> Any:
        found: Any = thing
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    return cell


def condition(what: str, kind: str = "Ready") -> Cell:
    """Return a field of one of an object's conditions, or None."""
    conditions = field("status", "conditions")

    def cell(thing: Mapping[str, Any]) -> Any:
        return next((c.get(what) for c in conditions(thing) or () if c["type"] == kind), None)

    return cell


def _count(key: str) -> Cell:
    return lambda thing: len(thing.get(key) or ())


def _ready_containers(pod: Mapping[str, Any]) -> str:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return f"{sum(bool(status['ready']) for status in statuses)}/{len(statuses)}"


def _pod_status(pod: Mapping[str, Any]) -> str:
    return "Terminating" if "deletionTimestamp" in pod["metadata"] else pod["status"]["phase"]


_NAME = Column("Name", field("metadata", "name"))
_AGE = Column("Age", field("metadata", "creationTimestamp"), "date")
_URL = Column("URL", field("status", "url"))
_READY = Column("Ready", condition("status"))
_REASON = Column("Reason", condition("reason"))
_CREATED = Column("LatestCreated", field("status", "latestCreatedRevisionName"))
_LATEST = Column("LatestReady", field("status", "latestReadyRevisionName"))

SERVING, EVENTING, SOURCES = "serving.knative.dev", "eventing.knative.dev", "sources.knative.dev"
MESSAGING, FLOWS = "messaging.knative.dev", "flows.knative.dev"
_KNATIVE = ("all", "knative")

SERVICE = Resource(
    SERVING, "v1", "Service", "services", (_NAME, _URL, _CREATED, _LATEST, _READY, _REASON),
    ("kservice", "ksvc"), (*_KNATIVE, "serving"),
)  # fmt: skip
REVISION = Resource(
    SERVING, "v1", "Revision", "revisions",
    (
        _NAME,
        Column("Config Name", field("metadata", "labels", "serving.knative.dev/configuration")),
        Column(
            "Generation",
            field("metadata", "labels", "serving.knative.dev/configurationGeneration"),
        ),
        _READY, _REASON,
        Column("Actual Replicas", field("status", "actualReplicas"), "integer"),
    ),
    ("rev",), (*_KNATIVE, "serving"), ("delete", "deletecollection", *READ),
)  # fmt: skip
CONFIGURATION = Resource(
    SERVING, "v1", "Configuration", "configurations",
    (_NAME, _CREATED, _LATEST, _READY, _REASON), ("config", "cfg"), (*_KNATIVE, "serving"), READ,
)  # fmt: skip
ROUTE = Resource(
    SERVING, "v1", "Route", "routes", (_NAME, _URL, _READY, _REASON), ("rt",),
    (*_KNATIVE, "serving"), READ,
)  # fmt: skip
BROKER = Resource(
    EVENTING, "v1", "Broker", "brokers",
    (_NAME, Column("URL", field("status", "address", "url")), _AGE, _READY, _REASON),
    (), (*_KNATIVE, "eventing"),
)  # fmt: skip
TRIGGER = Resource(
    EVENTING, "v1", "Trigger", "triggers",
    (
        _NAME, Column("Broker", field("spec", "broker")),
        Column("Subscriber_URI", field("status", "subscriberUri")), _AGE, _READY, _REASON,
    ),
    (), (*_KNATIVE, "eventing"),
)  # fmt: skip
_ADDRESSED = (_NAME, Column("URL", field("status", "address", "url")), _AGE, _READY, _REASON)
CHANNEL = Resource(
    MESSAGING, "v1", "Channel", "channels", _ADDRESSED, ("ch",), (*_KNATIVE, "messaging", "channel")
)  # fmt: skip
IN_MEMORY_CHANNEL = Resource(
    MESSAGING, "v1", "InMemoryChannel", "inmemorychannels", _ADDRESSED, ("imc",),
    (*_KNATIVE, "messaging", "channel"),
)  # fmt: skip
SUBSCRIPTION = Resource(
    MESSAGING, "v1", "Subscription", "subscriptions", (_NAME, _AGE, _READY, _REASON), ("sub",),
    (*_KNATIVE, "messaging"),
)  # fmt: skip
SEQUENCE = Resource(
    FLOWS, "v1", "Sequence", "sequences", _ADDRESSED, (), (*_KNATIVE, "flows"),
)  # fmt: skip
PING_SOURCE = Resource(
    SOURCES, "v1", "PingSource", "pingsources",
    (
        _NAME, Column("Sink", field("status", "sinkUri")),
        Column("Schedule", field("spec", "schedule")), _AGE, _READY, _REASON,
    ),
    (), (*_KNATIVE, "sources"),
)  # fmt: skip
PING_SOURCE_V1BETA2 = msgspec.structs.replace(
    PING_SOURCE,
    version="v1beta2",
    deprecated="sources.knative.dev/v1beta2 PingSource is deprecated; see "
    "https://knative.dev/docs/eventing/sources/ping-source/ for instructions to migrate to "
    "sources.knative.dev/v1 PingSource",
)
DEFINITION = Resource(
    "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions",
    (_NAME, Column("Created At", field("metadata", "creationTimestamp"))),
    ("crd", "crds"), verbs=READ, namespaced=False,
)  # fmt: skip
DEFINITION_V1BETA1 = msgspec.structs.replace(
    DEFINITION,
    version="v1beta1",
    deprecated="apiextensions.k8s.io/v1beta1 CustomResourceDefinition is deprecated in v1.16+; use "
    "apiextensions.k8s.io/v1 CustomResourceDefinition",
)
CONFIG_MAP = Resource(
    "", "v1", "ConfigMap", "configmaps", (_NAME, Column("Data", _count("data"), "integer"), _AGE),
    ("cm",), strategic=True,
)  # fmt: skip
SECRET = Resource(
    "", "v1", "Secret", "secrets",
    (_NAME, Column("Type", field("type")), Column("Data", _count("data"), "integer"), _AGE),
    strategic=True,
)  # fmt: skip
NAMESPACE = Resource(
    "", "v1", "Namespace", "namespaces",
    (_NAME, Column("Status", field("status", "phase")), _AGE), ("ns",),
    verbs=("create", "delete", "patch", "update", *READ), namespaced=False, strategic=True,
)  # fmt: skip
POD = Resource(
    "", "v1", "Pod", "pods",
    (
        _NAME, Column("Ready", _ready_containers),
        Column("Status", _pod_status),
        Column("Restarts", lambda _: 0, "integer"), _AGE,
    ),
    ("po",), ("all",), ("delete", "deletecollection", *READ),
)  # fmt: skip
EVENT = Resource(
    "", "v1", "Event", "events",
    (
        Column("Last Seen", field("lastTimestamp"), "date"), Column("Type", field("type")),
        Column("Reason", field("reason")),
        Column(
            "Object",
            lambda e: f"{e['involvedObject']['kind'].lower()}/{e['involvedObject']['name']}",
        ),
        Column("Message", field("message")),
    ),
    ("ev",), verbs=READ,
)  # fmt: skip
