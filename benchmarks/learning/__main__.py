"""Ours beside the peers', table by table: `python -m benchmarks.learning`.

Every line is printed when it is known; `--json FILE` keeps all scores.
"""

import argparse
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.learning import environment, ranks
from benchmarks.learning.measures import NAMES, score
from benchmarks.learning.ours import Mayfly
from benchmarks.learning.ranks import OURS
from benchmarks.learning.splits import Split, splits, write
from benchmarks.learning.tables import Source, chosen
from benchmarks.stack import end_in_order, own_stack

NOT_WORSE = 0.85


def main() -> None:
    """Measure, print, and end with 1 where the aim is missed."""
    options = _options()
    end_in_order()
    tables: dict[str, dict[str, list[float]]] = {}
    with _running(options.seconds) as mayfly:
        for source in chosen(options.tables):
            known = options.peers.get(source.name, {})
            tables[source.name] = _table(mayfly, source, known, options)
            print(_line(source, tables[source.name]), flush=True)
            if options.json:
                options.json.write_text(json.dumps(tables))
    raise SystemExit(0 if _summary(tables) else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.learning", description=__doc__)
    parser.add_argument("tables", nargs="*", help="some of them; all by default")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15, help="for us, and for FLAML")
    parser.add_argument("--json", type=Path, help="a file for all scores")
    parser.add_argument(
        "--peers",
        type=lambda name: json.loads(Path(name).read_text()),
        default={},
        help="a file of scores from an earlier run, of which the peers' are taken",
    )
    return parser.parse_args()


@contextlib.contextmanager
def _running(seconds: float) -> Iterator[Mayfly]:
    with own_stack() as stack, stack.client() as client:
        yield Mayfly(client, seconds)


def _table(
    mayfly: Mayfly, source: Source, known: dict[str, list[float]], options: argparse.Namespace
) -> dict[str, list[float]]:
    """Return the scores of each split; `known` are some from an earlier run."""
    taken = {who: found for who, found in known.items() if len(found) >= options.splits}
    asked = [who for who in environment.NAMES if who not in taken]
    found: dict[str, list[float]] = {who: [] for who in (OURS, *asked)}
    for split in splits(source, options.splits):
        for who, value in _split(mayfly, source, split, asked, options.seconds).items():
            found[who].append(value)
    peers = {**found, **taken}
    return {OURS: found[OURS]} | {who: peers[who][: options.splits] for who in environment.NAMES}


def _split(
    mayfly: Mayfly, source: Source, split: Split, peers: list[str], seconds: float
) -> dict[str, float]:
    truth = [row[source.target] for row in split.test]
    with tempfile.TemporaryDirectory() as home:
        train, test = Path(home) / "train.csv", Path(home) / "test.csv"
        write(train, split.train)
        write(test, [{**row, source.target: ""} for row in split.test])
        began = time.monotonic()
        predicted, job = mayfly.predict(source, split, train)
        print(f"  {source.name} {split.number}: {job:.1f} s of {time.monotonic() - began:.1f}")
        given = {who: environment.predict(who, source, seconds, train, test) for who in peers}
    return {who: score(source.task, truth, one) for who, one in {OURS: predicted, **given}.items()}


def _line(source: Source, scores: dict[str, list[float]]) -> str:
    means = ", ".join(f"{name} {statistics.mean(found):.4f}" for name, found in scores.items())
    one = ranks.verdict(scores)
    how = "worse" if one.worse else "not worse"
    return (
        f"{source.name} ({NAMES[source.task]}): {means}; "
        f"{how} than {one.best}: {one.lead:+.4f} ± {one.noise:.4f}"
    )


def _summary(tables: dict[str, dict[str, list[float]]]) -> bool:
    """Print how we stand, and tell whether that is the aim."""
    found = sorted(ranks.mean_ranks(tables).items(), key=lambda item: item[1])
    print("mean rank: " + ", ".join(f"{name} {rank:.2f}" for name, rank in found))
    worse = [name for name, scores in tables.items() if ranks.verdict(scores).worse]
    share = 1 - len(worse) / len(tables)
    print(f"not worse than the best peer beyond noise: {share:.0%} of {len(tables)} tables")
    if worse:
        print(f"worse: {', '.join(worse)}")
    return found[0][0] == OURS and share >= NOT_WORSE


if __name__ == "__main__":
    main()
