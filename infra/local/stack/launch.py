"""Brings the whole stack up in order, and keeps it there."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

from infra.local.calling import sign_in
from infra.local.deploying.gateway import Gateway
from infra.local.errors import from_os_error
from infra.local.health.liveness import LONGEST_LOOK
from infra.local.settings import Settings
from infra.local.stack import home, parts, ports, product
from infra.local.stack.console import Lines
from infra.local.stack.runfile import RunFile
from infra.local.stack.source_watch import SourceWatch
from infra.local.stack.supervisor import Supervisor, end_leftovers
from infra.local.system.processes import STOPPING

# What it takes to tell where the owner signs in.
_SIGN_IN = {"firestore", "gateway", "web"}


def run(
    settings: Settings,
    lines: Lines,
    only: tuple[str, ...],
    *,
    fresh: bool,
    watch: bool = False,
    free_ports: bool = False,
) -> None:
    """Start the parts (all, or `only` those), and watch them until a signal comes.

    Args:
        settings: Where everything is.
        lines: Told of what happens.
        only: Names of the parts; empty for all.
        fresh: Whether to delete all data first.
        watch: Whether a changed source file makes a new revision of its function.
        free_ports: Whether to take other ports in the place of those that are in use.

    Raises:
        LocalError: something foreseeable is in the way, or a part keeps failing.
        KeyboardInterrupt: a signal came; everything has been stopped.
    """
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        runfile = RunFile(settings.home)
        with runfile.held():
            end_leftovers(settings, runfile.read())
            if fresh:
                home.empty(settings)
            if free_ports:
                settings = _with_free_ports(settings, lines, only)
            home.prepare(settings)
            chosen = _choose(parts.all_parts(settings), only)
            _check(settings, chosen)
            _run(settings, lines, chosen, runfile, watch=watch)
    except OSError as error:
        raise from_os_error(error) from error


def _choose(known: dict[str, parts.Part], only: tuple[str, ...]) -> dict[str, parts.Part]:
    return {name: part for name, part in known.items() if not only or name in only}


def _with_free_ports(settings: Settings, lines: Lines, only: tuple[str, ...]) -> Settings:
    """Return the settings with free ports in the place of those that cannot be had; say so."""
    found = ports.unavailable(_choose(parts.all_parts(settings), only).values())
    others = ports.with_free_ports(settings, found)
    for one in found:
        lines.notice(one.part, f"{one} Taking {others.number_of(one.port)}.")
    return others


def _check(settings: Settings, chosen: dict[str, parts.Part]) -> None:
    for part in chosen.values():
        parts.check_modules(part)
    ports.check_free(settings, chosen.values())


def _run(
    settings: Settings,
    lines: Lines,
    chosen: dict[str, parts.Part],
    runfile: RunFile,
    *,
    watch: bool,
) -> None:
    supervisor = Supervisor(settings, runfile, lines)
    supervisor.note("starting")
    try:
        with _signals_interrupt():
            _start(settings, lines, supervisor, chosen)
            way_in = _way_in(settings) if chosen.keys() >= _SIGN_IN else ""
            supervisor.note("ready")
            lines.close()
            _announce(settings, lines, chosen, way_in)
            _watch(settings, lines, supervisor, sources=watch and "gateway" in chosen)
    finally:
        lines.close()
        with _signals_wait():
            supervisor.stop()


def _watch(settings: Settings, lines: Lines, supervisor: Supervisor, *, sources: bool) -> None:
    if not sources:
        supervisor.watch(lambda: True)
        return
    # Meanwhile nobody looks after the parts, the gateway among them: it has to answer at once.
    password = home.password(settings)
    with Gateway(settings.gateway_url, password, patience=0.2, reading=LONGEST_LOOK) as gateway:
        supervisor.watch(SourceWatch(gateway, lines.plain).tick)


def _start(
    settings: Settings, lines: Lines, supervisor: Supervisor, chosen: dict[str, parts.Part]
) -> None:
    """Start in order: the gateway takes longest and needs NATS alone."""
    begun = [name for name in ("nats", "firestore", "storage") if name in chosen]
    for name in begun:
        supervisor.start(chosen[name])
    supervisor.wait_ready(*[name for name in begun if name == "nats"])
    if "gateway" in chosen:
        supervisor.start(chosen["gateway"])
    supervisor.wait_ready(*begun)
    if "web" in chosen:
        supervisor.start(chosen["web"])
    supervisor.wait_ready(*chosen)
    if "gateway" in chosen:
        _deploy(settings, lines)


def _timed(lines: Lines, name: str, what: str, work: Callable[[], object]) -> None:
    begun = time.monotonic()
    work()
    lines.step(name, what, time.monotonic() - begun)


def _deploy(settings: Settings, lines: Lines) -> None:
    def deploy() -> None:
        with Gateway(settings.gateway_url, home.password(settings)) as gateway:
            product.deploy(gateway, settings)

    _timed(lines, "functions", ", ".join(product.names(settings)), deploy)


def _announce(settings: Settings, lines: Lines, chosen: dict[str, parts.Part], way_in: str) -> None:
    lines.say("")
    if "web" in chosen:
        lines.say(f"  Pages      [bold]{settings.web_url}[/]")
    if way_in:
        lines.plain(f"  Sign in    {way_in}")
    if "gateway" in chosen:
        lines.say(f"  Functions  [bold]{settings.addresses.url('NAME', '/...')}[/]{_way(settings)}")
    if settings.key_file.exists():
        lines.say(f"  API key    {settings.key_file}")
    lines.say(f"  Logs       {settings.logs}")
    lines.say("  Stop       ./mayfly down, or Ctrl-C where it was started")


def _way_in(settings: Settings) -> str:
    key = settings.key_file.read_text().strip()
    return sign_in.told(settings.addresses, key, settings.web_url)


def _way(settings: Settings) -> str:
    """Return how to connect to what does not resolve."""
    place = settings.platform_variables().get("MAYFLY_INGRESS")
    return f" by curl --connect-to ::{place}" if place else ""


@contextlib.contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the work as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _handled(STOPPING, interrupt):
        yield


@contextlib.contextmanager
def _signals_wait() -> Iterator[None]:
    """Hold off a second Ctrl-C: stopping takes a moment, and must leave no process behind."""
    with _handled(STOPPING, signal.SIG_IGN):
        yield


@contextlib.contextmanager
def _handled(
    numbers: tuple[signal.Signals, ...],
    handler: Callable[[int, FrameType | None], None] | signal.Handlers,
) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
