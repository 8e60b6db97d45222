"""Random tables of every kind: columns, gaps and targets by a seed, as CSV."""

import csv
import datetime as dt
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from functions.kit.contract.models.signature import Task

Cell = Callable[[Random], tuple[str, float]]
"""Gives a text for the file, and what it adds to the target."""

WORDS = ("good", "bad", "slow", "fast", "late", "kind", "rude", "cold", "fine", "dear")
FIRST = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class RandomTable:
    """A table, what is predicted, and how."""

    name: str
    task: Task
    kinds: Sequence[str]
    content: bytes


def _one_decimal(dice: Random) -> Cell:
    wide = dice.choice((1, 30, 300))

    def cell(dice: Random) -> tuple[str, float]:
        value = round(dice.uniform(-wide, wide), 1)
        return f"{value}", value / wide

    return cell


def _offset(dice: Random) -> Cell:
    offset = dice.choice((1e6, 1e9, 1.7e12))

    def cell(dice: Random) -> tuple[str, float]:
        value = dice.gauss(0, 1)
        return f"{offset + round(value * 100)}", value

    return cell


def _scaled(dice: Random) -> Cell:
    scale = 10.0 ** dice.randint(-20, 20)

    def cell(dice: Random) -> tuple[str, float]:
        value = dice.gauss(0, 1)
        return f"{value * scale:.6g}", value

    return cell


def _skewed(_: Random) -> Cell:
    def cell(dice: Random) -> tuple[str, float]:
        value = dice.gauss(0, 2)
        return f"{math.exp(value):.4f}", value / 2

    return cell


def _counts(_: Random) -> Cell:
    def cell(dice: Random) -> tuple[str, float]:
        value = int(dice.expovariate(0.2))
        return str(value), value / 5 - 1

    return cell


def _levels(number: int) -> Callable[[Random], Cell]:
    def make(dice: Random) -> Cell:
        worth = [dice.gauss(0, 1) for _ in range(number)]

        def cell(dice: Random) -> tuple[str, float]:
            place = min(int(dice.expovariate(3 / number)), number - 1)
            return f"level {place}", worth[place]

        return cell

    return make


def _days(_: Random) -> Cell:
    def cell(dice: Random) -> tuple[str, float]:
        day = FIRST + dt.timedelta(days=dice.randint(0, 3000))
        return day.date().isoformat(), (day.weekday() - 3) / 3

    return cell


def _moments(_: Random) -> Cell:
    def cell(dice: Random) -> tuple[str, float]:
        moment = FIRST + dt.timedelta(seconds=dice.randint(0, 2**27))
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ"), (moment.hour - 12) / 8

    return cell


def _text(dice: Random) -> Cell:
    worth = {word: dice.gauss(0, 1) for word in WORDS}

    def cell(dice: Random) -> tuple[str, float]:
        chosen = dice.choices(WORDS, k=dice.randint(3, 12))
        return " ".join(chosen), sum(worth[word] for word in chosen) / len(chosen)

    return cell


def _yes_or_no(_: Random) -> Cell:
    def cell(dice: Random) -> tuple[str, float]:
        value = dice.random() < 0.4
        return ("yes" if value else "no"), 1.0 if value else -0.5

    return cell


KINDS: dict[str, Callable[[Random], Cell]] = {
    "one decimal": _one_decimal,
    "big offset": _offset,
    "any scale": _scaled,
    "skewed": _skewed,
    "counts": _counts,
    "few levels": _levels(5),
    "many levels": _levels(150),
    "days": _days,
    "moments": _moments,
    "text": _text,
    "yes or no": _yes_or_no,
}
# Of the regressions: so many have more noise in some rows than in others.
UNEVEN = 0.4
TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


def make(seed: int, rows: tuple[int, int] = (120, 600)) -> RandomTable:
    """Return the table of a seed: two to eight columns, some with gaps, and a noisy target.

    Of some regressions the noise grows with the first column.
    """
    dice = Random(seed)
    task = TASKS[seed % len(TASKS)]
    kinds = dice.choices(list(KINDS), k=dice.randint(2, 8))
    cells = [KINDS[kind](dice) for kind in kinds]
    gaps = [dice.choice((0.0, 0.0, 0.05, 0.4)) for _ in kinds]
    answer = _answers(task, dice)
    uneven = task == "regression" and dice.random() < UNEVEN
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*(f"c{place}" for place in range(len(kinds))), "y"])
    for _ in range(dice.randint(*rows)):
        found = [cell(dice) for cell in cells]
        worths = [worth for _, worth in found]
        noise = 0.7 * (math.exp(worths[0]) if uneven else 1.0)
        signal = sum(worths) / math.sqrt(len(found)) + dice.gauss(0, noise)
        shown = [
            "" if dice.random() < gap else text for (text, _), gap in zip(found, gaps, strict=True)
        ]
        writer.writerow([*shown, answer(signal)])
    return RandomTable(f"random-{seed}", task, kinds, text.getvalue().encode())


def _answers(task: Task, dice: Random) -> Callable[[float], str]:
    """Return what turns a signal into the target's text."""
    if task == "regression":
        offset, scale = dice.choice(((0, 1), (1e6, 3), (1e9, 20), (0, 1e-8), (0, 1e9)))
        return lambda signal: f"{offset + signal * scale:.12g}"
    if task == "binary":
        middle = dice.choice((-0.2, 0.3, 1.0))
        return lambda signal: "yes" if signal > middle else "no"
    return lambda signal: ("low", "middle", "high")[(signal > -0.4) + (signal > 0.5)]
