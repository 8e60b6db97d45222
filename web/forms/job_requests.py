"""The request for a training: from the form's text to what the API takes, and back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from web.client.errors import Flaw, Invalid
from web.client.table_schemas import Column, Dataset
from web.views.comparing import TASKS as TASKS_IN_WORDS
from web.views.metrics import SENTENCES

LEARNABLE = frozenset({"boolean", "category", "integer", "number"})
NUMBERS: dict[str, type[int] | type[float]] = {
    "folds": int,
    "holdout": float,
    "seed": int,
    "seconds": float,
}
# The function's own defaults, shown so that a reader sees what will happen.
DEFAULTS = {"folds": "5", "holdout": "0.2", "seed": "0"}
TASKS: dict[str, str] = {"": "found by itself"} | {**TASKS_IN_WORDS}
BUDGETS = {
    "fast": "Quick: 15 seconds of search",
    "balanced": "Balanced: a minute",
    "thorough": "Thorough: ten minutes",
}
SPLITS = {
    "record": "by chance",
    "group": "rows of one value together",
    "time": "the latest rows",
}
OF_VALUES = ["rmse", "mae", "r2", "mape", "pinball_10", "pinball_90"]
MEASURES = {
    "labels": [name for name in SENTENCES if name not in OF_VALUES],
    "values": OF_VALUES,
}
ROLES = {
    "feature": "learnt from",
    "identifier": "names the row",
    "group": "keeps rows together",
    "time": "says when",
    "weight": "says how much a row counts",
}
TEXTS = ("model", "positive", "task", "measure", "budget")
ROLE = "role."
UNUSED = frozenset({"ignore", "target"})
# What the form itself asks; all else of a request is kept as it was when it is trained again.
ASKED = frozenset(
    {"dataset", "target", "algorithms", "split", "roles", "new_line", *TEXTS, *NUMBERS}
)
KEPT_IN_WORDS = {
    "candidates": "the candidates that were named one by one",
    "columns": "the list of columns that may be used",
    "class_weight": "the weights of the labels",
    "goal": "the goal that sets the threshold",
    "recipes": "the features made of columns",
    "trials": "the number of candidates",
}


@dataclass(frozen=True)
class Choices:
    """What a form holds.

    Attributes:
        texts: its fields.
        algorithms: those that are ticked.
        used: the columns that are ticked; None where the form shows none.
        kept: what was asked of an earlier training and has no field.
    """

    texts: Mapping[str, str]
    algorithms: Sequence[str]
    used: Sequence[str] | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)

    def uses(self, column: Column) -> bool:
        """Tell whether a column is ticked."""
        return column.role not in UNUSED if self.used is None else column.name in self.used

    def role(self, column: Column) -> str:
        """Return what a column is for, where it is used."""
        usual = "feature" if column.role in UNUSED else column.role
        return self.texts.get(ROLE + column.name, usual)

    @property
    def kept_in_words(self) -> list[str]:
        """Return what is kept that has no field, as far as it was asked for."""
        return [words for name, words in KEPT_IN_WORDS.items() if self.kept.get(name)]


def default_target(columns: Sequence[Column]) -> str:
    """Guess the column to predict: what is called one, or by custom the last that can be learnt."""
    named = [column.name for column in columns if column.role == "target"]
    fitting = [column.name for column in columns if column.kind in LEARNABLE]
    return (named or fitting[-1:] or [""])[0]


def first_choices(dataset: Dataset, known: Sequence[str]) -> Choices:
    """Return the choices that a form begins with."""
    texts = {"target": default_target(dataset.columns), "model": dataset.id, **DEFAULTS}
    return Choices(texts, known)


def choices_of(dataset: Dataset, request: Mapping[str, Any], known: Sequence[str]) -> Choices:
    """Return the choices that make a request again, of columns that are still there."""
    texts = {name: str(request[name]) for name in ("target", *TEXTS) if request.get(name)}
    texts |= {name: f"{request[name]:g}" for name in NUMBERS if request.get(name) is not None}
    texts |= {"new_line": "yes"} if request.get("new_line") else {}
    split = request.get("split") or {}
    texts |= {"split": split.get("by") or "record", "split_column": split.get("column") or ""}
    roles = request.get("roles") or {}
    now = {column.name: roles.get(column.name, column.role) for column in dataset.columns}
    texts |= {ROLE + name: role for name, role in now.items() if role not in UNUSED}
    used = [name for name, role in now.items() if role not in UNUSED]
    return Choices(
        DEFAULTS | texts, request.get("algorithms") or list(known), used, kept_of(request)
    )


def kept_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a request has no field in the form."""
    return {
        name: value
        for name, value in request.items()
        if name not in ASKED and value not in (None, [], {})
    }


def parse_job_request(dataset: Dataset, choices: Choices, known: Sequence[str]) -> dict[str, Any]:
    """Return the request; a field left empty is left to the function's own default.

    Args:
        dataset: to learn from.
        choices: what the form holds.
        known: the algorithms that there are; all of them are the default.

    Raises:
        Invalid: a number is not one, or no algorithm is ticked.
    """
    texts = choices.texts
    asked: dict[str, Any] = {"dataset": dataset.id, "target": texts.get("target", "")}
    if set(choices.algorithms) != set(known) and "candidates" not in choices.kept:
        asked["algorithms"] = list(choices.algorithms)
    asked |= {name: text for name in TEXTS if (text := texts.get(name, "").strip())}
    if (by := texts.get("split", "record")) != "record":
        column = texts.get("split_column", "")
        asked["split"] = {"by": by} | ({"column": column} if column else {})
    if texts.get("new_line"):
        asked["new_line"] = True
    if roles := dict(_roles(dataset.columns, choices, asked["target"])):
        asked["roles"] = roles
    numbers, flaws = _numbers(texts)
    if not choices.algorithms:
        flaws.insert(0, Flaw("choose at least one", column="algorithms"))
    if flaws:
        raise Invalid("The training was not started.", flaws)
    return dict(choices.kept) | asked | numbers


def _roles(columns: Iterable[Column], choices: Choices, target: str) -> Iterable[tuple[str, str]]:
    """Yield the columns that are to have another role than in the table."""
    if choices.used is None:
        return
    for column in columns:
        role = choices.role(column) if choices.uses(column) else "ignore"
        left_out = role == "ignore" and column.role in UNUSED
        if column.name != target and role != column.role and not left_out:
            yield column.name, role


def _numbers(texts: Mapping[str, str]) -> tuple[dict[str, float], list[Flaw]]:
    """Read the fields that hold numbers, and say what is wrong with those that do not."""
    numbers: dict[str, float] = {}
    flaws: list[Flaw] = []
    for name, kind in NUMBERS.items():
        text = texts.get(name, "").strip()
        try:
            numbers |= {name: kind(text.replace(",", "."))} if text else {}
        except ValueError:
            what = "a whole number, such as 5" if kind is int else "a number, such as 0.2 or 0,2"
            flaws.append(Flaw(f"must be {what}", column=name, value=text))
    return numbers, flaws
