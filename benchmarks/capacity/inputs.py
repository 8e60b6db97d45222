"""What goes into the simulation: figures of a machine, and the rules and prices of platforms."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from emulators.gateway.model.revision import Scaling

HERE = Path(__file__).parent
FIGURES = HERE / "figures.json"
PLATFORMS = HERE / "platforms.toml"

Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Quantiles = Annotated[list[float], msgspec.Meta(min_length=2)]
"""Values at evenly spaced shares of all, the least first and the most last; seconds."""


class Burst(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A burst as it was measured on the local plane, from no replica on. Times in seconds.

    Of a function that sleeps, one call at a time in each replica: sleepers need no core, so what is
    measured is the rule, the line and the starts, even where others want the cores.

    Attributes:
        rate: Requests a second, sent at their time whatever the answers take.
        takes: A call through the gateway, one at a time.
        starts: The same from no replica on.
        first: Quantiles p50, p95 and p99 of the first half's calls.
        second: The same of the second half's.
        replicas: That there were in the end.
    """

    rate: Positive
    seconds: Positive
    takes: Quantiles
    starts: Quantiles
    first: tuple[float, float, float]
    second: tuple[float, float, float]
    replicas: int
    failed: int


class Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `python -m benchmarks.capacity.measure` takes on a machine. Times in seconds.

    What other programs do meanwhile makes a call longer and takes no more of the processor's time
    for it, so platforms, whose replicas have a core each, are given the latter.

    Attributes:
        taken: The day.
        machine: Cores, system, interpreter.
        busy: Processes that wanted a core when it began (the load average of a minute).
        service: Processor time of a replica for a one-row prediction: means of short loads over
            some connections, for a call by itself finds the processor's caches taken by others.
        batch: The same of `batch_rows` rows.
        gateway: Processor time of the gateway for one call.
        container: Processor time of a container's program from its start to its first prediction.
        model_load: Processor time that a model's first call takes beyond another's: median.
        call: A one-row prediction through the gateway, by the clock, one at a time.
        cold_start: The same from no replica on.
        model_bytes: Memory of a model that is held ready.
    """

    taken: str
    machine: str
    busy: float
    service: Quantiles
    batch_rows: int
    batch: Quantiles
    gateway: Positive
    container: Quantiles
    model_load: float
    call: Quantiles
    cold_start: Quantiles
    model_bytes: Positive
    burst: Burst


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """US dollars, without free tiers and discounts.

    Attributes:
        per: What is paid for: replicas as long as they are there, replicas while they answer
            (in steps of `rounding` seconds), or each call's own time.
        request: For each request.
        fixed: A month, whatever happens.
        idle_vcpu, idle_gib: A second of a replica that is kept and answers nothing.
    """

    per: Literal["replica", "answering", "call"]
    vcpu: float = 0.0
    gib: float = 0.0
    idle_vcpu: float = 0.0
    idle_gib: float = 0.0
    request: float = 0.0
    fixed: float = 0.0
    rounding: float = 0.001


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where rules or prices come from.

    Attributes:
        says: What is taken from there.
        at: The page.
        read: The day on which it was read; "remembered" where no copy of it was at hand.
    """

    says: str
    at: str
    read: str


class Platform(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A platform's rules.

    Attributes:
        rule: Who decides on replicas: the gateway's autoscaler (Knative's), OpenFaaS CE's alert,
            or nobody: each call has a process of its own.
        scaling: The autoscaler's settings; what is left out is Knative's default.
        processor: Where given, replicas are wanted by how busy their processors are to be: the
            target is a rate, made of the measured service time and this share.
        limit: Requests that one replica is given at once; 0: as many as come.
        most: Replicas at most; 0: as many as are wanted.
        zero_grace: Seconds between "no load in the window" and no replica.
        keep: Seconds that a process of its own is kept after a call (`rule = "call"`).
        placing: Seconds from wanted to the start of the container's program.
        quota: Processes at once that an account may have (`rule = "call"`).
        start_rate: Of these, new ones in ten seconds.
        calls_per_process: Calls a second that count as one process, however short they are.
        vcpu, gib: What a replica is given.
    """

    title: str
    rule: Literal["autoscaler", "alert", "call"]
    prices: Prices
    sources: list[Source]
    vcpu: Positive
    gib: Positive
    placing: float
    scaling: Scaling = Scaling()
    processor: Share | None = None
    limit: int = 0
    most: int = 0
    zero_grace: float = 30.0
    keep: float = 0.0
    quota: int = 0
    start_rate: int = 0
    calls_per_process: float = 0.0


class Parts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits and prices of what stands beside the functions (platforms.toml, `[parts]`)."""

    firestore_range_writes: Positive  # a second, of ids that grow
    firestore_document_writes: Positive  # a second, of one document
    firestore_reads: Positive  # a second, of one document: assumed
    firestore_write: float  # dollars
    firestore_read: float
    bucket_writes: Positive  # objects a second below one prefix, at first
    bucket_write: float
    log_bytes: Positive  # of one prediction as an event
    pubsub_byte: float
    models_zipf: float  # how uneven calls are over models: the exponent
    sources: list[Source]


class Platforms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of platforms.toml."""

    parts: Parts
    platform: dict[str, Platform]


T = TypeVar("T")


def read_figures(file: Path = FIGURES) -> Figures:
    """Return a machine's figures; exit with what is wrong in the file, and where."""
    return _converted(file, msgspec.json.decode(_text(file)), Figures)


def read_platforms(file: Path = PLATFORMS) -> Platforms:
    """Return rules and prices; exit with what is wrong in the file, and where."""
    try:
        held = tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as error:
        raise SystemExit(f"{file}: {error}") from error
    return _converted(file, held, Platforms)


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as error:
        raise SystemExit(f"{file}: {error.strerror}: name another by its option") from error


def _converted(file: Path, held: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(held, kind)
    except msgspec.ValidationError as error:
        raise SystemExit(f"{file}: {error}") from error
