"""The one form that every deploy file is read into."""

from typing import Any, Literal

import msgspec

from emulators.gateway.model.probes import Probes
from emulators.gateway.model.traffic import DEFAULT, Rollout, Target
from emulators.gateway.model.volumes import Mount, Volume

Origin = Literal["openfaas", "knative"]
MAX_CONCURRENCY = 1000
MAX_TIMEOUT = 600


class Scaling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many replicas a revision may have and what decides it. Times in seconds."""

    minimum: int = 0
    maximum: int = 0  # 0: no limit of its own
    initial: int = 1
    activation: int = 1
    metric: Literal["concurrency", "rps"] = "concurrency"
    target: float | None = None  # per replica; None: the metric's default
    utilization: float = 0.7
    window: float = 60.0
    panic_window_percentage: float = 10.0
    panic_threshold_percentage: float = 200.0
    down_delay: float = 0.0
    retention: float = 0.0
    burst_capacity: float | None = None  # None: nothing said; -1: always buffered


class Retry(msgspec.Struct, frozen=True):
    """When and how often an asynchronous call is tried again. Times in seconds."""

    attempts: int = 10
    codes: tuple[int, ...] = (408, 429, 500, 502, 503, 504)
    min_wait: float = 10.0
    max_wait: float = 120.0


class Check(msgspec.Struct, frozen=True):
    """Who is asked whether a caller may make an asynchronous call.

    Attributes:
        function: Another function's name; empty for the function itself.
        namespace: That function's; empty for the function's own.
    """

    function: str
    namespace: str
    path: str


class EnvSource(msgspec.Struct, frozen=True):
    """Environment taken from a config map or a secret, whole (no key) or one key."""

    kind: Literal["configmap", "secret"]
    name: str
    key: str | None = None
    variable: str | None = None
    prefix: str = ""
    optional: bool = False


class GivenUp(msgspec.Struct, frozen=True):
    """What a replica's process gives up for good.

    Attributes:
        escalation: To gain rights by what it executes (set-user-id programs).
        capabilities: Each capability, where it is root's.
    """

    escalation: bool = False
    capabilities: bool = False


class Revision(msgspec.Struct, frozen=True):
    """One immutable version of a function's template."""

    function: str
    namespace: str
    number: int
    image: str
    given_name: str = ""  # as the template names it; empty: made from the number
    fingerprint: str = ""  # of the code that the image stands for, when it was deployed
    command: tuple[str, ...] = ()  # a program to run instead of main.py
    fprocess: tuple[str, ...] = ()  # a command to run for each request where there is no main.py
    working_dir: str = ""  # where it begins; empty: in the folder of its code
    env: dict[str, str] = {}
    env_order: tuple[str, ...] = ()  # names as declared, where values refer to each other
    env_sources: tuple[EnvSource, ...] = ()
    secrets: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    mounts: tuple[Mount, ...] = ()
    given_up: GivenUp = GivenUp()
    concurrency: int = 0  # requests at once for each replica; 0: no limit
    timeout: float = 300.0
    start_timeout: float = 300.0
    idle_timeout: float = 0.0
    probes: Probes = Probes()
    port: int = 8080  # what PORT says
    h2c_port: int = 0  # of a gRPC service's listener; 0: HTTP/1.1
    scaling: Scaling = Scaling()
    retry: Retry = Retry()
    check: Check | None = None  # of who calls asynchronously; None: anybody may
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    created_at: float = 0.0

    @property
    def name(self) -> str:
        """The revision's name in Knative's form, e.g. ``datasets-00002``."""
        return self.given_name or f"{self.function}-{self.number:05d}"

    def same_template(self, other: "Revision") -> bool:
        """Tell whether both would run the same way (number and time left aside)."""
        neutral: dict[str, Any] = {"number": 0, "created_at": 0.0}
        return msgspec.structs.replace(self, **neutral) == msgspec.structs.replace(other, **neutral)


class Deployment(msgspec.Struct):
    """A function as deployed: its manifest and the revisions made from it.

    Attributes:
        serving: Number of the newest revision that was ready; an older one while the newest is
            not ready.
        traffic: Which revisions are to get the requests.
        routed: Which do; older targets while a wanted revision is not ready.
        rollout_duration: Seconds over which a new revision takes over.
        rollout: The move that is under way, on the clock of ``time.time``.
        cluster_local: Whether no address leads to it from outside of the cluster.
    """

    name: str
    namespace: str
    origin: Origin
    manifest: dict[str, Any]
    generation: int
    revisions: list[Revision]
    created_at: float
    serving: int = 1
    traffic: tuple[Target, ...] = DEFAULT
    routed: tuple[Target, ...] = DEFAULT
    rollout_duration: float = 0.0
    rollout: Rollout | None = None
    cluster_local: bool = False

    @property
    def served(self) -> Revision:
        """The newest revision that was ready."""
        return next((r for r in self.revisions if r.number == self.serving), self.current)

    @property
    def current(self) -> Revision:
        """The newest revision."""
        return self.revisions[-1]

    def revision(self, name: str) -> Revision | None:
        """Return the revision of a name, if it is kept."""
        return next((r for r in self.revisions if r.name == name), None)

    def referenced(self) -> set[str]:
        """Return the names of the revisions that traffic, present or wanted, needs."""
        names = {target.revision for target in (*self.traffic, *self.routed)} - {""}
        return names | {self.served.name} | set(self.rollout.before if self.rollout else ())
