"""The request for a training: from the form's text to what the API takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from web.client.errors import Flaw, Invalid
from web.client.table_schemas import Column, Dataset

LEARNABLE = frozenset({"boolean", "category", "integer", "number"})
NUMBERS: dict[str, type[int] | type[float]] = {"folds": int, "holdout": float, "seed": int}
# The function's own defaults, shown so that a reader sees what will happen.
DEFAULTS = {"folds": "5", "holdout": "0.2", "seed": "0"}


def default_target(columns: Sequence[Column]) -> str:
    """Guess the column to predict: by custom the last one that can be learnt."""
    fitting = [column.name for column in columns if column.kind in LEARNABLE]
    return fitting[-1] if fitting else ""


def parse_job_request(
    dataset: Dataset, texts: Mapping[str, str], chosen: Sequence[str], known: Sequence[str]
) -> dict[str, Any]:
    """Return the request; a field left empty is left to the function's own default.

    Args:
        dataset: to learn from.
        texts: the form's fields.
        chosen: the algorithms that are ticked; all `known` ones are the default.
        known: the algorithms that there are.

    Raises:
        Invalid: a number is not one, or no algorithm is ticked.
    """
    request: dict[str, Any] = {"dataset": dataset.id, "target": texts.get("target", "")}
    if set(chosen) != set(known):
        request["algorithms"] = list(chosen)
    for name in ("model", "positive"):
        if text := texts.get(name, "").strip():
            request[name] = text
    numbers, flaws = _numbers(texts)
    if not chosen:
        flaws.insert(0, Flaw("choose at least one", column="algorithms"))
    if flaws:
        raise Invalid("The training was not started.", flaws)
    return request | numbers


def _numbers(texts: Mapping[str, str]) -> tuple[dict[str, float], list[Flaw]]:
    """Read the fields that hold numbers, and say what is wrong with those that do not."""
    numbers: dict[str, float] = {}
    flaws: list[Flaw] = []
    for name, kind in NUMBERS.items():
        text = texts.get(name, "").strip()
        try:
            numbers |= {name: kind(text)} if text else {}
        except ValueError:
            flaws.append(Flaw("must be a number", column=name, value=text))
    return numbers, flaws
