"""How many replicas, at what cost, with what latency.

`python -m benchmarks.capacity [page|ask PLATFORM]`

`page` (the default) simulates and writes docs/scale.md with its picture; `ask` prints one load on
one platform. The machine's figures that both go by are taken by `benchmarks.capacity.measure`.
"""

import argparse
from pathlib import Path

from benchmarks.capacity import chart, inputs, page, scenarios
from benchmarks.capacity.work import on
from benchmarks.stack import ROOT
from benchmarks.words import dollars, figure, milliseconds, share

PAGE = ROOT / "docs" / "scale.md"
CHART = Path("images") / "scale.svg"  # seen from the page


def _page(given: argparse.Namespace) -> None:
    figures = inputs.read_figures(given.figures)
    answers = page.Answers(figures, inputs.read_platforms(given.platforms))
    picture = given.to.parent / CHART
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(chart.svg(answers))
    given.to.write_text(page.page(answers, CHART.as_posix()))
    print(f"written: {given.to} and {picture}")


def _ask(given: argparse.Namespace) -> None:
    figures, platforms = inputs.read_figures(given.figures), inputs.read_platforms(given.platforms)
    platform = platforms.platform.get(given.platform)
    if platform is None:
        raise SystemExit(f"no platform {given.platform!r}: {', '.join(platforms.platform)}")
    workload = on(figures, platform)
    found = scenarios.steady_load(given.platform, platform, workload, given.rate).outcome
    if found is None:
        raise SystemExit(f"{platform.title} has {platform.most} replicas at most: too few")
    print(
        f"{figure(found.replicas)} replicas; p50 {milliseconds(found.p50)}, p95"
        f" {milliseconds(found.p95)}, p99 {milliseconds(found.p99)};"
        f" {share(found.cold)} waited for a start; {dollars(found.dollars)} dollars a month"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.set_defaults(do=_page, to=PAGE)
    parser.add_argument("--figures", type=Path, default=inputs.FIGURES)
    parser.add_argument("--platforms", type=Path, default=inputs.PLATFORMS)
    commands = parser.add_subparsers()
    made = commands.add_parser("page", help="simulate, and write the page")
    made.add_argument("--to", type=Path, default=PAGE)
    ask = commands.add_parser("ask", help="one load on one platform")
    ask.add_argument("platform")
    ask.add_argument("--rate", type=float, required=True, help="requests a second")
    ask.set_defaults(do=_ask)
    given = parser.parse_args()
    given.do(given)


if __name__ == "__main__":
    main()
