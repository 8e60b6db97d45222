"""The catalogue: which algorithms there are, for which tasks, with which settings.

Light on purpose: a request is checked against it without scikit-learn. Settings carry
scikit-learn's own names.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from functions.kit.contract.errors import DomainError, Flaw, Invalid
from functions.kit.contract.models.signature import Task
from functions.kit.contract.requests.decoding import flaw
from functions.training.learning.views import View

CLASSES: tuple[Task, ...] = ("binary", "multiclass")
ALL: tuple[Task, ...] = (*CLASSES, "regression")

Positive = Annotated[float, Meta(gt=0, le=1e6)]
Share = Annotated[float, Meta(ge=0, le=1)]
PositiveShare = Annotated[float, Meta(gt=0, le=1)]


class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Settings of one algorithm; bounds keep training short and the model small."""


class LogisticRegression(Settings, frozen=True):
    """`C`: inverse strength of the penalty; `l1_ratio`: 0 is L2's, 1 is L1's, between is both."""

    C: Positive = 1.0
    l1_ratio: Share = 0.0
    max_iter: Annotated[int, Meta(ge=10, le=10_000)] = 1000


class Ridge(Settings, frozen=True):
    """`alpha`: strength of the penalty."""

    alpha: Positive = 1.0


class ElasticNet(Settings, frozen=True):
    """`alpha`: strength of the penalty; `l1_ratio`: 0 is L2's, 1 is L1's, between is both."""

    alpha: Positive = 0.01
    l1_ratio: Share = 0.5
    max_iter: Annotated[int, Meta(ge=10, le=10_000)] = 1000


class RandomForest(Settings, frozen=True):
    """Trees on resampled rows, averaged; `max_features`: share of the columns for each split."""

    n_estimators: Annotated[int, Meta(ge=1, le=500)] = 100
    max_leaf_nodes: Annotated[int, Meta(ge=2, le=1024)] = 64
    min_samples_leaf: Annotated[int, Meta(ge=1, le=1000)] = 3
    max_features: PositiveShare | Literal["sqrt", "log2"] = "sqrt"


class ExtraTrees(Settings, frozen=True):
    """Trees of random splits, averaged; `max_features`: share of the columns for each split."""

    n_estimators: Annotated[int, Meta(ge=1, le=500)] = 100
    max_leaf_nodes: Annotated[int, Meta(ge=2, le=1024)] = 256
    min_samples_leaf: Annotated[int, Meta(ge=1, le=1000)] = 2
    max_features: PositiveShare | Literal["sqrt", "log2"] = "sqrt"


class HistGradientBoosting(Settings, frozen=True):
    """Trees one after the other, each on what the ones before leave over.

    `early_stopping`: whether a tenth of the rows tells when to end before `max_iter`.
    """

    max_iter: Annotated[int, Meta(ge=1, le=1000)] = 100
    learning_rate: Annotated[float, Meta(gt=0, le=1)] = 0.1
    max_leaf_nodes: Annotated[int, Meta(ge=2, le=256)] = 15
    min_samples_leaf: Annotated[int, Meta(ge=1, le=1000)] = 20
    l2_regularization: Annotated[float, Meta(ge=0, le=1e6)] = 0.0
    max_features: PositiveShare = 1.0
    early_stopping: bool = False


class LightGBM(Settings, frozen=True):
    """LightGBM's trees one after the other; categories are split as such.

    `early_stopping_rounds`: trees without a gain on a part of the rows that tell when to end
    before `n_estimators`; 0: never.
    """

    n_estimators: Annotated[int, Meta(ge=1, le=2000)] = 100
    learning_rate: Annotated[float, Meta(gt=0, le=1)] = 0.1
    num_leaves: Annotated[int, Meta(ge=2, le=256)] = 31
    min_child_samples: Annotated[int, Meta(ge=1, le=1000)] = 20
    colsample_bytree: PositiveShare = 1.0
    subsample: PositiveShare = 1.0
    reg_alpha: Annotated[float, Meta(ge=0, le=1e6)] = 0.0
    reg_lambda: Annotated[float, Meta(ge=0, le=1e6)] = 0.0
    extra_trees: bool = False
    early_stopping_rounds: Annotated[int, Meta(ge=0, le=1000)] = 0


class NearestNeighbors(Settings, frozen=True):
    """The nearest training rows; each counts the less, the farther it is."""

    n_neighbors: Annotated[int, Meta(ge=1, le=1000)] = 15


class SupportVectors(Settings, frozen=True):
    """A radial kernel, for few rows.

    `C`: inverse strength of the penalty; `gamma_scale`: times what scikit-learn calls "scale";
    `epsilon`: half width of the tube, of a regression.
    """

    C: Positive = 1.0
    gamma_scale: Annotated[float, Meta(ge=1e-3, le=1e3)] = 1.0
    epsilon: Annotated[float, Meta(ge=0, le=10)] = 0.1


class Perceptron(Settings, frozen=True):
    """A neural network: layers of units, each the weighted sum of those before, bent.

    `learning_rate_init`: of the first steps; it falls to a hundredth by the end.
    `early_stopping`: whether a tenth of the rows tells when to end before `max_iter`.
    """

    hidden_layer_sizes: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=512)], ...], Meta(min_length=1, max_length=4)
    ] = (64, 32)
    activation: Literal["relu", "tanh"] = "relu"
    alpha: Annotated[float, Meta(ge=0, le=1e3)] = 3e-2
    learning_rate_init: Annotated[float, Meta(gt=0, le=1)] = 1e-2
    max_iter: Annotated[int, Meta(ge=1, le=1000)] = 120
    early_stopping: bool = False


@dataclass(frozen=True)
class Algorithm:
    """One entry of the catalogue."""

    name: str
    tasks: tuple[Task, ...]
    settings: type[Settings]
    view: View


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    """A candidate as one asks for it: an algorithm, and the settings that differ from default."""

    algorithm: str
    settings: dict[str, Any] = {}


CATALOGUE = {
    one.name: one
    for one in (
        Algorithm("logistic_regression", CLASSES, LogisticRegression, "linear"),
        Algorithm("ridge", ("regression",), Ridge, "linear"),
        Algorithm("elastic_net", ("regression",), ElasticNet, "linear"),
        Algorithm("random_forest", ALL, RandomForest, "trees"),
        Algorithm("extra_trees", ALL, ExtraTrees, "trees"),
        Algorithm("hist_gradient_boosting", ALL, HistGradientBoosting, "trees"),
        Algorithm("lightgbm", ALL, LightGBM, "native"),
        Algorithm("nearest_neighbors", ALL, NearestNeighbors, "linear"),
        Algorithm("support_vectors", ALL, SupportVectors, "linear"),
        Algorithm("perceptron", ALL, Perceptron, "linear"),
    )
}


# Names that read otherwise than as their words.
_SAID = {"hist_gradient_boosting": "gradient boosting", "lightgbm": "LightGBM"}


def in_words(name: str) -> str:
    """Return what an algorithm is called in a sentence."""
    return _SAID.get(name, name.replace("_", " "))


def settings_of(choice: Choice) -> Settings:
    """Return the settings of a choice that `check` has passed."""
    return msgspec.convert(choice.settings, CATALOGUE[choice.algorithm].settings)


def complete(choice: Choice) -> Choice:
    """Return the choice with every setting spelt out, in JSON's types."""
    spelt = msgspec.json.encode(settings_of(choice))
    return Choice(choice.algorithm, msgspec.json.decode(spelt))


def check(choices: Sequence[Choice]) -> None:
    """Refuse an unknown algorithm or a setting out of bounds.

    Raises:
        Invalid: that names the candidate and the setting.
    """
    flaws = [found for place, choice in enumerate(choices) for found in _flaws(place, choice)]
    if flaws:
        raise Invalid("Some candidates are not in the catalogue.", *flaws)


def _flaws(place: int, choice: Choice) -> list[Flaw]:
    where = f"candidates[{place}]"
    if choice.algorithm not in CATALOGUE:
        return [Flaw(_unknown(), column=f"{where}.algorithm", value=choice.algorithm[:100])]
    try:
        settings_of(choice)
    except msgspec.ValidationError as error:
        found = flaw(error)
        column = ".".join(part for part in (where, "settings", found.column) if part)
        return [Flaw(found.reason, column=column)]
    return []


def check_names(names: Sequence[str]) -> None:
    """Refuse an unknown algorithm; raises Invalid that names it."""
    flaws = [
        Flaw(_unknown(), column="algorithms", value=name[:100])
        for name in names
        if name not in CATALOGUE
    ]
    if flaws:
        raise Invalid("Some algorithms are not in the catalogue.", *flaws)


def able(task: Task, names: Collection[str] | None) -> list[Choice]:
    """Return the algorithms that can do a task, at their default settings: of `names`, or of all.

    Raises:
        Invalid: when none of them can.
    """
    found = [
        Choice(one.name)
        for one in CATALOGUE.values()
        if task in one.tasks and (names is None or one.name in names)
    ]
    if not found:
        raise Invalid(
            f"{' and '.join(names or ())} cannot do a {task} task; choose among {_able(task)}.",
            Flaw(f"none is for {task}", column="algorithms"),
        )
    return found


def check_task(choices: Sequence[Choice], task: Task) -> DomainError | None:
    """Return why one of `choices` cannot do `task`, or None."""
    for place, choice in enumerate(choices):
        if task not in CATALOGUE[choice.algorithm].tasks:
            return Invalid(
                f"{choice.algorithm} cannot do a {task} task; choose among {_able(task)}.",
                Flaw(f"not for {task}", column=f"candidates[{place}].algorithm"),
            )
    return None


def _unknown() -> str:
    return f"unknown algorithm; there are {', '.join(CATALOGUE)}"


def _able(task: Task) -> str:
    return ", ".join(one.name for one in CATALOGUE.values() if task in one.tasks)
