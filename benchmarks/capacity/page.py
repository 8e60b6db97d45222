"""The page about scale: the tables that go into its text (`page.txt`)."""

from pathlib import Path
from string import Template

from benchmarks.capacity import bottlenecks, calls, reality, scenarios
from benchmarks.capacity.inputs import Figures, Platforms
from benchmarks.capacity.outcome import Outcome
from benchmarks.capacity.simulation import SLICE
from benchmarks.capacity.work import on
from benchmarks.words import dollars, figure, milliseconds, share, table

COMMAND = "python -m benchmarks.capacity"
TEXT = Path(__file__).with_name("page.txt")
SIZED = scenarios.MODELS_ON  # the platform whose replicas load Mayfly's other parts


class Answers:
    """All that was asked of the simulation."""

    def __init__(self, figures: Figures, platforms: Platforms) -> None:
        self.figures, self.platforms = figures, platforms
        self.steady = scenarios.all_steady(figures, platforms)
        self.bursts = scenarios.all_bursts(figures, platforms)
        self.catalogues = list(scenarios.catalogues(figures, platforms))
        self.fleets = list(scenarios.fleets(figures, platforms))
        self.reality = reality.compared(figures.burst)

    def title(self, name: str) -> str:
        """Return what a platform is called."""
        return self.platforms.platform[name].title


def page(answers: Answers, chart: str) -> str:
    """Return the page; `chart` is the picture's place, as seen from it."""
    tables = {
        "steady": _steady(answers),
        "bursts": _bursts(answers),
        "models": _models(answers),
        "fleets": _fleets(answers),
        "parts": _parts(answers),
        "documents": _documents(answers),
        "reality": _reality(answers),
        "measured": _measured(answers.figures),
        "sources": _sources(answers.platforms),
    }
    words = {"command": COMMAND, "chart": chart, **_measures(answers), **_loads(answers)}
    return Template(TEXT.read_text()).substitute(words | tables)


def _measures(answers: Answers) -> dict[str, str]:
    figures, burst = answers.figures, answers.figures.burst
    return {
        "taken": figures.taken,
        "machine": figures.machine,
        "busy": figure(figures.busy),
        "reality_times": str(reality.TIMES),
        "takes": milliseconds(burst.takes[len(burst.takes) // 2]),
        "gateway": milliseconds(figures.gateway),
        "row_takes": milliseconds(on(figures, answers.platforms.platform[SIZED]).mean),
        "model_size": figure(figures.model_bytes / 2**20),
        "model_load": milliseconds(figures.model_load),
        "room": figure(scenarios.room(figures)),
        "burst_rate": figure(burst.rate),
        "burst_time": figure(burst.seconds),
        "burst_failed": f"{burst.failed:,}",
    }


def _loads(answers: Answers) -> dict[str, str]:
    most = scenarios.RATES[-1]
    size, price = bottlenecks.log_month(answers.platforms.parts, most)
    return {
        "least_rate": f"{scenarios.RATES[0]:,}",
        "most_rate": f"{most:,}",
        "burst_seconds": f"{scenarios.BURST_SECONDS:.0f}",
        "models_rate": f"{scenarios.MODELS_RATE:,}",
        "zipf": f"{answers.platforms.parts.models_zipf:g}",
        "fleet": f"{scenarios.FLEET:,}",
        "rare_calls": f"{scenarios.RARE_CALLS:,}",
        "slice": f"{SLICE:,.0f}",
        "units": ", ".join(_units(answers, most)) or "nothing",
        "log_size": figure(size),
        "log_price": dollars(price),
    }


def _units(answers: Answers, rate: float) -> list[str]:
    return [
        f"{calls.units(platform, rate, on(answers.figures, platform).mean):,}"
        for platform in answers.platforms.platform.values()
        if platform.rule == "call"
    ]


def _times(found: Outcome) -> tuple[str, str, str]:
    return milliseconds(found.p50), milliseconds(found.p95), milliseconds(found.p99)


def _steady(answers: Answers) -> str:
    rows: list[tuple[str, ...]] = []
    for asked in answers.steady:
        found, name = asked.outcome, (answers.title(asked.platform), f"{asked.load:,.0f}")
        cells = (
            (figure(found.replicas), *_times(found), dollars(found.dollars))
            if found
            else ("-",) * 5
        )
        rows.append((*name, *cells))
    head = ("platform", "requests/s", "replicas", "p50", "p95", "p99", "dollars a month")
    return table(head, rows)


def _bursts(answers: Answers) -> str:
    rows: list[tuple[str, ...]] = []
    for asked in answers.bursts:
        found = asked.outcome
        load = f"{asked.load:,.0f} to {asked.load * scenarios.BURST_TIMES:,.0f}"
        cells: tuple[str, ...] = ("-",) * 6
        if found:
            shares = share(found.cold), share(found.refused)
            cells = (f"{found.peak:,}", *_times(found), *shares)
        rows.append((answers.title(asked.platform), load, *cells))
    head = ("platform", "requests/s", "most replicas", "p50", "p95", "p99")
    return table((*head, "waited for a start", "refused"), rows)


def _models(answers: Answers) -> str:
    rows: list[tuple[str, ...]] = []
    for one in answers.catalogues:
        found = one.any_replica, one.own_replicas
        cells = [(figure(o.replicas), milliseconds(o.p99)) if o else ("-", "-") for o in found]
        rows.append(
            (f"{one.models:,}", share(one.missing), *cells[0], share(one.routed), *cells[1])
        )
    head = ("models", "not held", "replicas", "p99", "not held, routed", "replicas", "p99")
    return table(head, rows)


def _fleets(answers: Answers) -> str:
    rows = [
        (
            answers.title(one.platform),
            one.gap,
            share(one.outcome.cold),
            milliseconds(one.outcome.p50),
            milliseconds(one.outcome.p99),
            figure(one.outcome.replicas * scenarios.FLEET),
            dollars(one.outcome.dollars * scenarios.FLEET),
            dollars(one.kept * scenarios.FLEET),
        )
        for one in answers.fleets
    ]
    head = ("platform", "each is called once", "cold calls", "p50", "p99", "replicas")
    return table((*head, "dollars a month", "with min-scale 1"), rows)


def _parts(answers: Answers) -> str:
    loads = [a for a in answers.steady if a.platform == SIZED and a.outcome]
    replicas = {asked.load: asked.outcome.replicas for asked in loads if asked.outcome}
    rows = []
    for need in bottlenecks.needs(answers.figures, answers.platforms.parts):
        first, most = bottlenecks.first_beyond(need, replicas), bottlenecks.met(need, replicas)[-1]
        begins = "-" if first is None else f"{first:,}"
        needed = f"{figure(most.needed)} {need.unit}, of {figure(need.bears)}"
        rows.append((need.part, begins, needed, need.instead))
    most_rate = f"wants at {scenarios.RATES[-1]:,}"
    head = ("part", "too much from requests/s", most_rate, "what takes its place")
    return table(head, rows, align="lrll")


def _documents(answers: Answers) -> str:
    rows = [
        (f"{one.rows:,}", f"{figure(one.hours)} h", dollars(one.written), dollars(one.read))
        for one in bottlenecks.documents(answers.platforms.parts)
    ]
    return table(("rows", "import", "dollars to write", "dollars to read all once"), rows)


def _reality(answers: Answers) -> str:
    rows = []
    for one in answers.reality:
        told = figure if one.what.startswith("replicas") else milliseconds
        between = f"{told(one.low)} to {told(one.high)}"
        ratio = figure(one.measured / one.middle) if one.middle else "-"
        rows.append((one.what, told(one.measured), told(one.middle), between, ratio))
    head = ("", "measured", "simulated", "nine of ten simulations", "measured / simulated")
    return table(head, rows)


def _measured(figures: Figures) -> str:
    taken = {
        "processor: one row": figures.service,
        f"processor: {figures.batch_rows:,} rows": figures.batch,
        "processor: a container's program to its first prediction": figures.container,
        "clock: one row through the local plane": figures.call,
        "clock: the same from no replica on": figures.cold_start,
    }
    rows = [
        (what, milliseconds(values[len(values) // 2]), milliseconds(values[-1]))
        for what, values in taken.items()
    ]
    return table(("measured", "median", "most"), rows)


def _sources(platforms: Platforms) -> str:
    listed = list(platforms.parts.sources)
    listed += [source for one in platforms.platform.values() for source in one.sources]
    return "\n".join(f"- {one.says}: {one.at} ({one.read})" for one in listed)
