"""What gateway, zygote and replicas say to each other: JSON lines, typed."""

import msgspec

from emulators.gateway.model.revision import GivenUp
from emulators.gateway.runtimes.packages.layer import Layer
from emulators.gateway.runtimes.view import View
from emulators.gateway.specs.images import Source


class Learned(msgspec.Struct, frozen=True):
    """What a start showed of a function's imports, for the warm parent of its next ones.

    Attributes:
        modules: Names of what was imported from outside of the function's folder, in the order in
            which each was whole.
        variables: What its load changed of the environment; None for what it took away.
    """

    modules: tuple[str, ...] = ()
    variables: dict[str, str | None] = {}


class Start(msgspec.Struct, frozen=True, tag="start"):
    """Gateway to zygote: fork a replica. Two descriptors travel with it: lifeline, log pipe.

    With ``imports`` it is no replica that is forked but a function's warm parent.
    """

    id: str
    source: Source
    env: dict[str, str]
    socket: str
    root: str
    threads: int
    port: int  # what a program or gRPC service listens on; 0 for a WSGI app on the socket
    sent_at: float  # time.monotonic(), which all processes of a machine share
    command: tuple[str, ...] = ()  # a program to run instead of main.py
    fprocess: tuple[str, ...] = ()  # a command to run for each request instead of main.py
    directory: str = ""  # where it begins; empty: in its code's folder
    compiled: str = ""  # where its modules are kept compiled; empty for nowhere
    given_up: GivenUp = GivenUp()
    view: View = View()  # what it is to see of the disk; with nothing hidden, all of it
    layer: Layer = Layer()  # packages of its own, which come before the gateway's
    imports: Learned | None = None  # what a warm parent imports
    parent: str = ""  # the id of the warm parent that it is to be forked from, if that is there


class Given(msgspec.Struct, frozen=True):
    """Zygote to a spare process: the replica to become. Its two descriptors travel with it."""

    start: Start
    at: float  # time.monotonic() when the zygote had it


class Kill(msgspec.Struct, frozen=True, tag="kill"):
    """Gateway to zygote: end a replica at once."""

    id: str


class Forked(msgspec.Struct, frozen=True):
    """Replica to zygote, on the socket of the warm parent that it comes from: it is there."""

    id: str
    pid: int


class Up(msgspec.Struct, frozen=True, tag="up"):
    """Zygote to gateway: imports are done."""

    imported: list[str]
    missing: list[str]
    rehearsal: list[str]  # the steps of spare processes
    seconds: float
    threads: int
    views: bool  # whether a replica may have a view of its own here


class Exited(msgspec.Struct, frozen=True, tag="exited"):
    """Zygote to gateway: a replica is gone."""

    id: str
    status: int  # as os.waitstatus_to_exitcode gives it: negative for a signal


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """Replica to gateway, on its lifeline: it accepts connections.

    Also what a warm parent says once it has imported all.
    """

    pid: int
    timings: dict[str, float]
    group: int = 0  # the process group of a program; 0 for what ends by itself
    loops: bool = False  # whether a loop works on its calls, so that their number is not bounded
    learned: Learned = Learned()  # where its load took so long that a warm parent is worth it
    memory: int = 0  # bytes that a warm parent takes


class Alive(msgspec.Struct, frozen=True, tag="alive"):
    """Replica to gateway, on its lifeline: the answer to `PING`.

    Attributes:
        running: Seconds that each call has taken so far which it has not begun to answer.
    """

    running: list[float] = []


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Replica to gateway, on its lifeline: it could not load the function, or how it ended."""

    reason: str


# Gateway to replica, on its lifeline.
STOP = b"stop\n"  # finish what is held, then exit
PING = b"ping\n"  # say that you are alive
KILL = b"kill\n"  # exit at once, and take along what was started

_encoder = msgspec.json.Encoder()


def line(message: msgspec.Struct) -> bytes:
    """Return a message as it goes over the wire."""
    return _encoder.encode(message) + b"\n"
