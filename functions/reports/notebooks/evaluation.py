"""What the held-out rows say of a model, as rows of tables and as charts."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.reports.notebooks.charts import (
    bar_chart,
    grid_chart,
    group_chart,
    histogram_chart,
    line_chart,
    point_chart,
    range_chart,
)
from functions.reports.notebooks.columns import Picture
from functions.reports.notebooks.marks import FULL_WIDTH, HALF_WIDTH, MOST_CELL, plain
from functions.reports.notebooks.words import NOTHING, counted, number, rounded, share, words

Told = Mapping[str, Any]
"""A part of a version's evaluation, as JSON (`functions/training/README.md`)."""
MOST_LINES = 25
MOST_CLASSES = 20


def measures_of(told: Told, validated: Told, spread: Told) -> tuple[list[str], list[list[str]]]:
    """Return the head and the rows of the table of measures."""
    beside = told.get("baselines") or {}
    names = {"linear": "linear model", "previous": "what came last"}
    head = ["measure", "held out", "95 % interval", "guessing"]
    head += [names.get(name, words(name)) for name in beside] + ["cross-validation"]
    rows = []
    for name, value in (told.get("metrics") or {}).items():
        low, high = (told.get("intervals") or {}).get(name, (None, None))
        interval = NOTHING if low is None else f"{number(low)} to {number(high)}"
        base = number((told.get("baseline") or {}).get(name))
        others = [number(one.get(name)) for one in beside.values()]
        folds = number(validated.get(name))
        around = f" ± {number(spread[name], 2)}" if name in spread and name in validated else ""
        rows.append([words(name), number(value), interval, base, *others, f"{folds}{around}"])
    return head, rows


def balance(told: Told) -> Picture | None:
    """Return the classes' shares of the training rows."""
    found = told.get("balance") or {}
    if not found:
        return None
    pairs = sorted(found.items(), key=lambda pair: -pair[1])
    chart = bar_chart(pairs[:MOST_CLASSES], "share of training rows", shares=True)
    return Picture(chart, f"The {counted(len(pairs), 'class').replace('classs', 'classes')}.")


def answers(told: Told) -> list[Picture]:
    """Return what it answers, and what is true: counts of classes, or numbers."""
    found = told.get("confusion")
    if found and len(found["labels"]) <= MOST_CLASSES:
        cells = [
            (really, said, float(count), count / (sum(row) or 1))
            for really, row in zip(found["labels"], found["matrix"], strict=True)
            for said, count in zip(found["labels"], row, strict=True)
        ]
        wide = FULL_WIDTH if len(found["labels"]) > 6 else HALF_WIDTH
        chart = grid_chart(cells, "predicted", "really", width=wide)
        return [Picture(chart, "What was predicted of held-out rows, and what is true of them.")]
    return _off_by(told.get("residuals") or {})


def _off_by(found: Told) -> list[Picture]:
    pictures = []
    if found.get("points"):
        chart = point_chart([(x, y) for x, y in found["points"]], "predicted", "off by", level=0.0)
        pictures.append(Picture(chart, "How far off predictions are, by what is predicted."))
    if found.get("counts"):
        chart = histogram_chart(rounded(found["edges"]), found["counts"], "off by")
        pictures.append(Picture(chart, "How far off predictions are: held-out rows, truth less."))
    return pictures


def curves(told: Told) -> list[Picture]:
    """Return the curves of two classes, and how true probabilities are."""
    found = []
    diagonal = [(0.0, 0.0), (1.0, 1.0)]
    if told.get("roc"):
        drawn = [("", x, y) for x, y in told["roc"]]
        chart = line_chart(drawn, "false alarms", "cases found", dashed=diagonal, shares=True)
        found.append(Picture(chart, "Cases found against false alarms (ROC); dashed: guessing."))
    if told.get("precision_recall"):
        drawn = [("", x, y) for x, y in told["precision_recall"]]
        chart = line_chart(drawn, "cases found (recall)", "precision", shares=True)
        found.append(Picture(chart, "Precision against recall."))
    if told.get("calibration"):
        drawn = [("", one["stated"], one["came"]) for one in told["calibration"]]
        chart = line_chart(
            drawn, "stated probability", "came true", dashed=diagonal, shares=True, marks=True
        )
        found.append(Picture(chart, "How true stated probabilities are; dashed: wholly."))
    if told.get("lift"):
        drawn = [("", one["share"], one["found"]) for one in told["lift"]]
        chart = line_chart(
            drawn, "share of rows, likeliest first", "cases found", dashed=diagonal, shares=True
        )
        found.append(Picture(chart, "Cases found among the rows likeliest to be some."))
    return found


def what_counts(told: Told) -> Picture | None:
    """Return how much worse it gets when a column's values change places."""
    found = told.get("importance") or []
    if not found:
        return None
    rows = [
        (one["column"], one["value"], one.get("low"), one.get("high")) for one in found[:MOST_LINES]
    ]
    measure = words(told.get("measure", ""))
    return Picture(
        range_chart(rows, f"loss of {measure}"),
        f"What the model looks at: how much worse its {measure} gets on held-out rows when a "
        "column's values change places, with 95 % intervals.",
    )


def dependence(told: Told, target: str, hidden: Sequence[str] = ()) -> list[Picture]:
    """Return what the model makes of the values of each column that counts much.

    What is in `hidden` columns is not told.
    """
    return [
        Picture(
            _by_values(one, target),
            f"“{plain(one['column'], MOST_CELL)}”: what is predicted on average, by its values.",
        )
        for one in told.get("dependence") or []
        if one["column"] not in hidden
    ]


def _by_values(one: Told, target: str) -> Any:
    labels = [plain(name, 30) for name in one["labels"]]
    alone = len(labels) < 2
    what = f"mean probability of “{labels[0]}”" if len(labels) == 1 else "mean probability"
    up = what if labels else plain(target, 30)
    pairs = [
        (at, label, value)
        for at, means in zip(one["values"], one["means"], strict=False)
        for label, value in zip(labels or [""], means, strict=False)
    ]
    numbers = [(label, float(at), value) for at, label, value in pairs if _is_number(at)]
    if len(numbers) > 2:
        ordered = sorted(numbers, key=lambda point: point[0])
        return line_chart(ordered, plain(one["column"], MOST_CELL), up)
    named = [
        ("missing" if at is None else plain(at, MOST_CELL), label, value)
        for at, label, value in pairs
    ]
    if alone:
        return bar_chart([(name, value) for name, _, value in named], up)
    return group_chart(named, up, "class")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def slices(told: Told, hidden: Sequence[str] = ()) -> list[list[str]]:
    """Return the parts of the data where it errs most above all, but of `hidden` columns."""
    found = [one for one in told.get("slices") or [] if one["column"] not in hidden]
    measure = told.get("measure", "")
    return [
        [
            plain(one["column"], MOST_CELL),
            plain(one["part"], MOST_CELL),
            number(one["rows"]),
            number(one["metrics"].get(measure)),
            f"{number(one['gap'], 3)} ({number(one['low'], 3)} to {number(one['high'], 3)})",
        ]
        for one in found[:MOST_LINES]
    ]


def learning(told: Told) -> Picture | None:
    """Return what more rows would give, as far as fewer tell."""
    found = told.get("learning_curve") or []
    if len(found) < 2:
        return None
    measure = words(told.get("measure", ""))
    chart = line_chart(
        [("", one["rows"], one["value"]) for one in found], "training rows", measure, marks=True
    )
    return Picture(chart, f"{measure[:1].upper()}{measure[1:]} after fitting on fewer rows.")


def certainty(told: Told, *, regression: bool) -> tuple[list[list[str]], Picture | None]:
    """Return how often sets or intervals held the truth: rows of a table, and a chart."""
    found = told.get("certainty") or []
    rows = [
        [
            share(one["level"]),
            share(one["covered"]),
            f"{share(one['low'])} to {share(one['high'])}",
            number(one["size"], 3),
        ]
        for one in found
    ]
    if not found:
        return rows, None
    drawn = [(share(one["level"]), one["covered"], one["low"], one["high"]) for one in found]
    what = "intervals" if regression else "sets"
    chart = range_chart(drawn, "share of held-out rows", width=HALF_WIDTH)
    return rows, Picture(chart, f"How often {what} held the truth, by what they state.")


def thresholds(told: Told) -> Picture | None:
    """Return what other thresholds would give, for two classes."""
    found = told.get("thresholds") or []
    if len(found) < 2:
        return None
    drawn = []
    for one in found:
        hits, alarms, missed = one["hits"], one["false_alarms"], one["missed"]
        drawn.append(("recall", one["threshold"], hits / max(1, hits + missed)))
        if hits + alarms:
            drawn.append(("precision", one["threshold"], hits / (hits + alarms)))
    drawn.sort(key=lambda point: (point[0], point[1]))
    return Picture(
        line_chart(drawn, "threshold", "share", shares=True),
        "What other thresholds would give on the held-out rows.",
    )
