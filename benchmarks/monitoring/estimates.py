"""How near estimated accuracy is to the truth, and what is said where it cannot be.

    python -m benchmarks.monitoring.estimates [--train 3000] [--shifts 20] [--second-opinion]

Each of ten worlds (`worlds.py`) has a model, trained in this process as the function trains. Then:

- covariate shifts: windows of 10,000 new rows that lie elsewhere (one to three columns pulled up or
  down), with labels as in the world;
- concept shifts: the same, but of some rows other labels are true than in the world. With no label
  of the window, with 500, and with all.
- with `--explanations`: how often explanations drift where nothing has changed, where rows lie
  elsewhere, and where nothing but the truth has changed (`explained.py`).
"""

import argparse
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.learning.in_process import quietly
from benchmarks.monitoring import explained, second_opinion
from benchmarks.monitoring.explained import Told
from benchmarks.monitoring.learnt_worlds import LearntWorld, learn_world
from benchmarks.monitoring.worlds import Columns, Floats, worlds
from functions.kit.contract.measures.measuring import measure
from functions.kit.contract.measures.names import Metrics
from functions.monitoring.model.quality.summary import Before, Quality, assess

WINDOW, POOL = 10_000, 60_000
NEAR = 0.02
STRONGEST = 1.5
MOST_LABELS = 500
METRICS = ("accuracy", "f1", "roc_auc", "log_loss", "brier")


@dataclass(frozen=True)
class Shift:
    """A window, and what is true in it.

    Attributes:
        places: of its rows in the pool.
        truth: of the rows, places of labels.
    """

    places: NDArray[np.int64]
    truth: NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """What was estimated of a window by metric, what was true, and whether it may be believed."""

    estimated: dict[str, float]
    true: dict[str, float]
    within: dict[str, bool]
    doubted: bool


def shifted(
    random: np.random.Generator, pool: Columns, strongest: float = STRONGEST
) -> NDArray[np.int64]:
    """Return the places of a window's rows, drawn by weights that hang on one to three columns."""
    weights = np.zeros(len(next(iter(pool.values()))))
    for name in random.choice(list(pool), random.integers(1, 4), replace=False):
        weights += random.uniform(-strongest, strongest) * _standard(random, pool[name])
    # The largest of weight and Gumbel noise are a draw without replacement.
    order = np.argsort(-(weights + random.gumbel(size=len(weights))))
    return order[:WINDOW]


def _standard(random: np.random.Generator, values: NDArray[Any]) -> Floats:
    if values.dtype == object:
        words = sorted({one for one in values if one is not None})
        found: Floats = (values == random.choice(words)).astype(float)
        return found
    off = (values - np.nanmean(values)) / np.nanstd(values)
    kept: Floats = np.clip(np.nan_to_num(off), -3, 3)
    return kept


def other_concept(random: np.random.Generator, learnt: LearntWorld, strength: float) -> Floats:
    """Return the chances where in a share of the rows, by a column, labels have changed places."""
    name = random.choice([one for one, values in learnt.pool.items() if values.dtype != object])
    values = np.nan_to_num(learnt.pool[name])
    high = values >= np.quantile(values, 1 - strength)
    return np.where(high[:, None], np.roll(learnt.chances, 1, axis=1), learnt.chances)


def windows(
    random: np.random.Generator,
    learnt: LearntWorld,
    count: int,
    strength: float,
    strongest: float = STRONGEST,
) -> Iterator[Shift]:
    """Yield shifted windows; of a strength above 0 what is true has changed, too."""
    for _ in range(count):
        chances = other_concept(random, learnt, strength) if strength else learnt.chances
        places = shifted(random, learnt.pool, strongest)
        yield Shift(places, learnt.truth(random, chances[places]))


def judge(learnt: LearntWorld, shift: Shift, labels: int) -> Found:
    """Return what is said of a window of which so many labels are known."""
    rows = learnt.rows.take(shift.places)
    known = np.full(len(shift.truth), -1)
    known[:labels] = shift.truth[:labels]
    said = assess(learnt.known, dataclasses.replace(rows, truth=known), Before())
    signature = learnt.known.signature
    whole = measure(signature.task, shift.truth, rows.predicted, threshold=signature.threshold)
    return _found(said, whole)


def _found(said: Quality, whole: Metrics) -> Found:
    true = {name: value for name, value in whole.items() if name in METRICS}
    estimated = {name: said.estimated[name].value or 0.0 for name in true}
    within = {
        name: (said.estimated[name].low or 0.0) <= value <= (said.estimated[name].high or 0.0)
        for name, value in true.items()
    }
    return Found(estimated, true, within, bool(said.cannot_tell))


def main() -> None:
    """Print how near estimates are, and how often it is said that they cannot be."""
    parser = argparse.ArgumentParser(description="Estimated quality beside the true one.")
    parser.add_argument("--train", type=int, default=3_000, help="rows that a model learns from")
    parser.add_argument("--shifts", type=int, default=20, help="windows of a world, of each kind")
    parser.add_argument(
        "--strongest", type=float, default=STRONGEST, help="log units a standard deviation"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--worlds", type=int, default=10, help="the first ones")
    parser.add_argument("--explanations", action="store_true", help="whether these tell")
    parser.add_argument("--second-opinion", action="store_true", help="of NannyML, too")
    asked = parser.parse_args()
    quietly()
    covariate: list[Found] = []
    doubts: dict[str, list[bool]] = {}
    others: list[float] = []
    told: list[Told] = []
    for number, world in enumerate(worlds()[: asked.worlds]):
        learnt = learn_world(world, asked.train, POOL, asked.seed + number)
        random = np.random.default_rng(asked.seed + 1_000 + number)
        drawn = [*windows(random, learnt, asked.shifts, 0.0, asked.strongest)]
        here = [judge(learnt, one, 0) for one in drawn]
        if asked.second_opinion:
            random_too = np.random.default_rng(asked.seed + 2_000 + number)
            places = [one.places for one in drawn]
            others += second_opinion.accuracies(learnt, random_too, asked.train, places)
        if asked.explanations:
            told += _explained(random, learnt, drawn, here)
        covariate += here
        _print_row(world.name, here)
        for name, strength, labels in KINDS:
            for one in windows(random, learnt, max(asked.shifts // 4, 1), strength):
                doubts.setdefault(name, []).append(judge(learnt, one, labels).doubted)
    _print_row(f"all {len(covariate)}", covariate)
    if others:
        true = [one.true["accuracy"] for one in covariate]
        off = np.abs(np.array(others) - true)
        near = np.mean(off <= NEAR)
        print(f"NannyML: within {NEAR}: {near:6.1%}, off by {off.mean():.4f} on average")
    for metric in METRICS:
        _print_metric(metric, covariate)
    explained.report(told)
    for name, said in doubts.items():
        print(f'"cannot tell" in {np.mean(said):6.1%} of {len(said)} windows: {name}')


def _explained(
    random: np.random.Generator, learnt: LearntWorld, drawn: list[Shift], found: list[Found]
) -> list[Told]:
    then = explained.learnt_reasons(learnt)
    wrong = [abs(one.estimated["accuracy"] - one.true["accuracy"]) > NEAR for one in found]
    told = [
        explained.tell(learnt, then, one.places, "covariate shift", wrong=is_wrong)
        for one, is_wrong in zip(drawn, wrong, strict=True)
    ]
    count = len(learnt.records)
    for kind, strength in (("nothing has changed", 0.0), ("the truth alone has changed", 0.33)):
        for _ in drawn:
            places = random.choice(count, WINDOW, replace=False)
            chances = other_concept(random, learnt, strength) if strength else learnt.chances
            shift = Shift(places, learnt.truth(random, chances[places]))
            said = judge(learnt, shift, 0)
            off = abs(said.estimated["accuracy"] - said.true["accuracy"])
            told.append(explained.tell(learnt, then, places, kind, wrong=off > NEAR))
    return told


KINDS = (
    ("covariate shift, 500 labels", 0.0, MOST_LABELS),
    ("covariate shift, all labels", 0.0, WINDOW),
    ("concept shift in a tenth of the rows, 500 labels", 0.1, MOST_LABELS),
    ("concept shift in a third of the rows, 500 labels", 0.33, MOST_LABELS),
    ("concept shift in a third of the rows, all labels", 0.33, WINDOW),
    ("concept shift in a third of the rows, no labels", 0.33, 0),
)


def _print_row(name: str, found: list[Found]) -> None:
    off = np.array([one.estimated["accuracy"] - one.true["accuracy"] for one in found])
    true = [one.true["accuracy"] for one in found]
    print(
        f"{name:12} accuracy {min(true):.3f} to {max(true):.3f}; estimate within {NEAR}: "
        f"{np.mean(np.abs(off) <= NEAR):6.1%}, off by {np.abs(off).mean():.4f} on average "
        f"({off.mean():+.4f})",
        flush=True,
    )


def _print_metric(metric: str, found: list[Found]) -> None:
    pairs = [
        (one.estimated[metric] - one.true[metric], one.within[metric])
        for one in found
        if metric in one.true
    ]
    off, within = np.array([abs(one) for one, _ in pairs]), np.mean([one for _, one in pairs])
    print(f"{metric:9} off by {off.mean():.4f} on average; in the interval: {within:6.1%}")


if __name__ == "__main__":
    main()
