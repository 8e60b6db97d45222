"""Which of Mayfly's own parts would be the first that cannot, and what takes its place."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.capacity.inputs import Figures, Parts
from benchmarks.capacity.outcome import MONTH
from benchmarks.capacity.scenarios import RATES
from functions.monitoring.model.windows.monitor import PACE
from functions.prediction.adapters.told_log import BATCH
from functions.prediction.service.serving import CALLS_EVERY

MARK_WRITES = 3  # of a sum: the mark, its taking, its end

REVALIDATED = 0.8  # seconds: functions/prediction/README.md, "How it stays fast and right"
FIRST_ROWS = (100_000, 1_000_000, 10_000_000, 100_000_000)


class Need(NamedTuple):
    """What a part would have to do.

    Attributes:
        part: Its name.
        unit: Of what is needed.
        needs: Requests a second and replicas in, what is needed out.
        bears: What it can; in the same unit.
        instead: What takes its place.
    """

    part: str
    unit: str
    needs: Callable[[float, float], float]
    bears: float
    instead: str


def needs(figures: Figures, parts: Parts) -> list[Need]:
    """Return what predictions ask of each part beside the function that makes them."""
    return [
        Need(
            "gateway (one process, one core)",
            "cores",
            lambda rate, _: rate * figures.gateway,
            1.0,
            "the platform's own ingress; this one is for a laptop, and for compose",
        ),
        Need(
            "prediction log: calls of `monitoring`, each one Parquet file",
            "files a second",
            lambda rate, replicas: max(min(replicas, rate), rate / BATCH),
            parts.bucket_writes,
            "Pub/Sub, whose subscription writes to BigQuery; `monitoring` reads its sums",
        ),
        Need(
            "prediction log: what is to be summed is marked in a document of the version",
            "writes a second of the busiest version's document",
            lambda rate, replicas: min(
                MARK_WRITES / PACE.total_seconds(), max(min(replicas, rate), rate / BATCH)
            ),
            parts.firestore_document_writes,
            "nothing: it is written as often as it is summed",
        ),
        Need(
            "prediction log: each batch looks whether its minute is marked",
            "reads a second of the busiest version's document",
            lambda rate, replicas: max(min(replicas, rate), rate / BATCH),
            parts.firestore_reads,
            "sums made by the stream (a query of BigQuery by a schedule)",
        ),
        Need(
            "models: each replica tells of a version that was called, in a document of the version",
            "writes a second of that document",
            lambda rate, replicas: min(replicas, rate) / CALLS_EVERY,
            parts.firestore_document_writes,
            "a document for each replica, as calls that fail are counted in",
        ),
        Need(
            "registry: each replica asks for aliases again",
            "reads a second",
            lambda rate, replicas: min(replicas, rate) / REVALIDATED,
            parts.firestore_reads,
            "a longer age, or a push: one listener a replica in place of questions",
        ),
    ]


class Met(NamedTuple):
    """A part under a rate: what is needed, as a multiple of what it bears."""

    rate: float
    needed: float
    times: float


def met(need: Need, replicas: dict[float, float]) -> list[Met]:
    """Return what each rate asks of a part, with as many replicas as that takes."""
    asked = [(rate, need.needs(rate, replicas[rate])) for rate in RATES]
    return [Met(rate, needed, needed / need.bears) for rate, needed in asked]


def first_beyond(need: Need, replicas: dict[float, float]) -> float | None:
    """Return the first of the rates that a part does not bear."""
    return next((one.rate for one in met(need, replicas) if one.times > 1), None)


class Rows(NamedTuple):
    """A table as documents: hours of its import at the granted rate, and dollars for that."""

    rows: int
    hours: float
    written: float
    read: float


def documents(parts: Parts) -> list[Rows]:
    """Return what tables of more and more rows take as one document a row."""
    return [
        Rows(
            rows,
            rows / parts.firestore_range_writes / 3600,
            rows * parts.firestore_write,
            rows * parts.firestore_read,
        )
        for rows in FIRST_ROWS
    ]


def log_month(parts: Parts, rate: float) -> tuple[float, float]:
    """Return the terabytes of a month's prediction log, and what Pub/Sub takes for them."""
    size = rate * MONTH * parts.log_bytes
    return size / 1e12, size * parts.pubsub_byte
