"""How a replica is asked whether it has started, is ready, lives."""

from typing import Literal

import msgspec

Form = Literal["http", "tcp", "process"]


class Probe(msgspec.Struct, frozen=True):
    """One probe. Times in seconds.

    Attributes:
        form: An HTTP request, a connect, or whether the process itself answers.
        path: Of the request, and its query.
        port: Another than the one that the replica serves at; 0 for that.
        headers: Of the request, besides the gateway's own.
        tls: Whether it is made over TLS, whose certificate nobody checks.
        delay: Until it is asked for the first time.
        period: Between two questions; 0: as often as makes sense.
        timeout: Of one answer.
        failures: How many in a row count.
        successes: How many in a row count.
    """

    form: Form = "http"
    path: str = "/"
    port: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    tls: bool = False
    delay: float = 0.0
    period: float = 10.0
    timeout: float = 1.0
    failures: int = 3
    successes: int = 1


class Probes(msgspec.Struct, frozen=True):
    """What a revision declares.

    Attributes:
        startup: Asked first, until it passes once; the others wait for it.
        readiness: Decides whether a replica gets calls.
        liveness: Decides whether it is replaced.
    """

    startup: Probe | None = None
    readiness: Probe | None = None
    liveness: Probe | None = None


class Liveness(msgspec.Struct, frozen=True):
    """When a replica whose process does not answer counts as hung. Times in seconds.

    Attributes:
        period: Between two questions, and until one counts as not answered.
        failures: Questions in a row that are not answered.
    """

    period: float = 10.0
    failures: int = 6
