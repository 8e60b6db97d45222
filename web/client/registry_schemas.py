"""What the registry says of its models beside the models themselves."""

import msgspec


class Change(msgspec.Struct):
    """A line of a model's history: who did what, when, from and to which version, and why."""

    action: str
    by: str
    at: str
    alias: str | None = None
    before: int | None = msgspec.field(name="from", default=None)
    after: int | None = msgspec.field(name="to", default=None)
    because: str | None = None
    reason: str = ""


class Compared(msgspec.Struct):
    """Two versions on the same rows; `better` is which one is, if that is seen.

    `on` says which rows: "new" to the older one, or "shared", those that both held out.
    """

    a: int
    b: int
    measure: str
    rows: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    on: str = "shared"
    better: int | None = None
    text: str = ""


class Measured(msgspec.Struct):
    """What came of the calls to one version of a traffic."""

    version: int
    role: str
    share: int
    calls: int
    errors: int
    median: float | None = None
    slow: float | None = None
    agreement: float | None = None


class TrafficShown(msgspec.Struct):
    """How an alias's calls are shared out, percent by version, and what came of it."""

    alias: str
    version: int
    shares: dict[int, int] = {}
    shadows: list[int] = []
    reason: str = ""
    by: str = ""
    at: str | None = None
    measured: list[Measured] = []
