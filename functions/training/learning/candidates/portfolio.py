"""What the search tries, in the order of promise.

The settings are those that did well over many tables in what is published (the zero-shot
portfolios of FLAML and of AutoGluon), bounded for two cores; then a random walk around them.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

from functions.kit.contract.models.signature import Task
from functions.training.learning.candidates.algorithms import CATALOGUE, Choice
from functions.training.model.requests.spec import Budget, JobRequest

# Candidates to begin with.
TRIALS: dict[Budget, int] = {"fast": 10, "balanced": 20, "thorough": 100}
FEW, MANY = 2_000, 50_000  # rows
# Beyond, what grows with the square of the rows, or keeps them all, takes too long.
MOST_FOR_KERNELS = 3_000
MOST_FOR_NEIGHBORS = 8_000
MOST_FOR_PERCEPTRON = 100_000
# Leaves of a forest by labels: each is a number in the file.
MOST_LEAF_VALUES = 2_000_000


def portfolio(
    task: Task,
    rows: int,
    features: int,
    request: JobRequest,
    *,
    labels: int = 2,
) -> list[Choice]:
    """Return the candidates, the most promising first.

    Args:
        task: what is predicted.
        rows: training rows.
        features: columns that are used.
        request: its budget or trials, the algorithms that may be tried, and the seed.
        labels: how many classes there are.
    """
    known = _few(task, features) if rows <= FEW else _many(task, rows)
    count = request.trials or TRIALS[request.budget]
    fits = [one for one in known if _fits(one, task, rows, request.algorithms)]
    walked = _walk(fits, task, rows, request, count - len(fits))
    return [_bounded(one, labels) for one in [*fits, *walked][:count]]


def _few(task: Task, features: int) -> list[Choice]:
    """Return what does well on few rows: fixed sizes, as a tenth of them tells little."""
    slow = {"learning_rate": 0.05, "min_child_samples": 10, "subsample": 0.8, "reg_lambda": 1.0}
    share = 0.5 if features > 20 else 0.8
    smooth = {"C": 3.0, "gamma_scale": 0.1} if task == "binary" else {"C": 1.0, "gamma_scale": 0.5}
    return [
        Choice(
            "lightgbm", {**slow, "n_estimators": 150, "num_leaves": 7, "colsample_bytree": share}
        ),
        _linear(task, 1.0),
        Choice("extra_trees", {"n_estimators": 150}),
        Choice("support_vectors", smooth),
        Choice("random_forest", {"n_estimators": 120, "max_leaf_nodes": 128}),
        Choice("lightgbm", {**slow, "n_estimators": 250, "num_leaves": 15, "extra_trees": True}),
        # Few rows are learnt by heart unless large weights cost much (measured on twelve tables).
        _perceptron(alpha=3.0, max_iter=60),
        _linear(task, 0.03),
        Choice("lightgbm"),
        Choice("nearest_neighbors", {"n_neighbors": 20}),
        _sparse(task),
        Choice("hist_gradient_boosting", {"learning_rate": 0.05, "max_leaf_nodes": 6}),
        Choice("extra_trees", {"n_estimators": 150, "min_samples_leaf": 5, "max_features": 0.5}),
    ]


def _many(task: Task, rows: int) -> list[Choice]:
    """Return what does well on more rows: early stopping finds the size."""
    patient = {"n_estimators": 600, "early_stopping_rounds": 30}
    trees = 100 if rows <= MANY else 50
    forest = {"n_estimators": trees, "max_leaf_nodes": 1024}
    return [
        Choice("lightgbm", {**patient, "learning_rate": 0.05}),
        Choice("lightgbm", {**patient, "learning_rate": 0.07, "extra_trees": True}),
        Choice("random_forest", {**forest, "min_samples_leaf": 2}),
        _linear(task, 1.0),
        Choice("extra_trees", {**forest, "max_features": 0.5}),
        Choice(
            "lightgbm",
            {
                **patient,
                "learning_rate": 0.04,
                "num_leaves": 96,
                "min_child_samples": 10,
                "colsample_bytree": 0.7,
                "subsample": 0.9,
            },
        ),
        _perceptron(alpha=3e-2, max_iter=60),
        Choice("support_vectors", {"C": 1.0, "gamma_scale": 0.5}),
        Choice(
            "hist_gradient_boosting",
            {"max_iter": 300, "learning_rate": 0.07, "max_leaf_nodes": 24, "early_stopping": True},
        ),
        Choice("lightgbm", {**patient, "learning_rate": 0.1, "num_leaves": 8}),
        Choice("nearest_neighbors", {"n_neighbors": 20}),
        _linear(task, 0.03),
        _sparse(task),
    ]


def _linear(task: Task, strength: float) -> Choice:
    """Return a linear model; the penalty is the stronger, the less `strength` is."""
    if task == "regression":
        return Choice("ridge", {"alpha": 1 / strength})
    return Choice("logistic_regression", {"C": strength})


def _sparse(task: Task) -> Choice:
    """Return a linear model that leaves columns out."""
    if task == "regression":
        return Choice("elastic_net", {"alpha": 0.01, "l1_ratio": 0.7})
    return Choice("logistic_regression", {"C": 0.3, "l1_ratio": 1.0, "max_iter": 300})


def _perceptron(alpha: float, max_iter: int) -> Choice:
    return Choice("perceptron", {"alpha": alpha, "max_iter": max_iter})


def _fits(choice: Choice, task: Task, rows: int, algorithms: Sequence[str] | None) -> bool:
    """Tell whether a candidate can do the task, is asked for, and ends in time."""
    name = choice.algorithm
    if task not in CATALOGUE[name].tasks or (algorithms is not None and name not in algorithms):
        return False
    most = {
        "support_vectors": MOST_FOR_KERNELS,
        "nearest_neighbors": MOST_FOR_NEIGHBORS,
        "perceptron": MOST_FOR_PERCEPTRON,
    }
    return rows <= most.get(name, rows)


def _bounded(choice: Choice, labels: int) -> Choice:
    """Return a forest with so many trees that its leaves fit in a file."""
    if choice.algorithm not in {"random_forest", "extra_trees"}:
        return choice
    settings = choice.settings
    most = MOST_LEAF_VALUES // (settings.get("max_leaf_nodes", 256) * max(labels - 1, 1))
    trees = max(min(settings.get("n_estimators", 100), most), 10)
    return Choice(choice.algorithm, {**settings, "n_estimators": trees})


def _walk(
    known: Sequence[Choice],
    task: Task,
    rows: int,
    request: JobRequest,
    count: int,
) -> list[Choice]:
    """Draw `count` candidates with other settings of what does well."""
    draw = random.Random(request.seed)  # noqa: S311 - settings are no secrets
    drawn = (_drawn(draw, task, rows) for _ in range(20 * max(count, 0)))
    found: list[Choice] = []
    for one in drawn:
        if len(found) == count:
            break
        if _fits(one, task, rows, request.algorithms) and one not in [*known, *found]:
            found.append(one)
    return found


def _drawn(draw: random.Random, task: Task, rows: int) -> Choice:
    name = draw.choices(list(_DRAWS), [weight for weight, _ in _DRAWS.values()])[0]
    if name == "linear":
        strength = _log_uniform(draw, 1e-3, 10)
        return _linear(task, strength)
    return Choice(name, _DRAWS[name][1](draw, rows))


def _log_uniform(draw: random.Random, low: float, high: float) -> float:
    """Draw a number whose logarithm is uniform, to three digits."""
    return float(f"{low * (high / low) ** draw.random():.3g}")


def _light(draw: random.Random, rows: int) -> dict[str, Any]:
    few = rows <= FEW
    rate = _log_uniform(draw, 0.02, 0.2)
    return {
        "n_estimators": min(round(draw.uniform(5, 15) / rate), 600) if few else 600,
        "early_stopping_rounds": 0 if few else 30,
        "learning_rate": rate,
        "num_leaves": round(_log_uniform(draw, 4, 31 if few else 128)),
        "min_child_samples": round(_log_uniform(draw, 3, 60)),
        "colsample_bytree": draw.choice([0.4, 0.6, 0.8, 1.0]),
        "subsample": draw.choice([0.7, 0.9, 1.0]),
        "reg_lambda": _log_uniform(draw, 1e-2, 10),
        "extra_trees": draw.random() < 0.3,
    }


def _hist(draw: random.Random, rows: int) -> dict[str, Any]:
    rate = _log_uniform(draw, 0.02, 0.2)
    few = rows <= FEW
    return {
        "max_iter": min(round(draw.uniform(5, 12) / rate), 400) if few else 400,
        "early_stopping": not few,
        "learning_rate": rate,
        "max_leaf_nodes": round(_log_uniform(draw, 4, 64)),
        "min_samples_leaf": round(_log_uniform(draw, 5, 40)),
        "max_features": draw.choice([0.5, 0.75, 1.0]),
    }


def _forest(draw: random.Random, rows: int) -> dict[str, Any]:
    return {
        "n_estimators": 200 if rows <= MANY else 50,
        "max_leaf_nodes": draw.choice([64, 256, 1024]),
        "min_samples_leaf": draw.choice([1, 2, 5, 10]),
        "max_features": draw.choice(["sqrt", 0.3, 0.5, 0.8]),
    }


def _network(draw: random.Random, rows: int) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": draw.choice([(32,), (64, 32), (128, 64), (64, 64, 32)]),
        "alpha": _log_uniform(draw, 0.3, 10) if rows <= FEW else _log_uniform(draw, 1e-4, 3),
        "learning_rate_init": draw.choice([1e-3, 3e-3, 1e-2]),
        "max_iter": 60,
    }


def _kernel(draw: random.Random, _: int) -> dict[str, Any]:
    return {"C": _log_uniform(draw, 0.1, 30), "gamma_scale": _log_uniform(draw, 0.05, 2)}


def _near(draw: random.Random, _: int) -> dict[str, Any]:
    return {"n_neighbors": round(_log_uniform(draw, 4, 60))}


_Draw = Callable[[random.Random, int], dict[str, Any]]
_DRAWS: dict[str, tuple[float, _Draw | Any]] = {
    "lightgbm": (0.42, _light),
    "hist_gradient_boosting": (0.08, _hist),
    "extra_trees": (0.13, _forest),
    "random_forest": (0.1, _forest),
    "perceptron": (0.1, _network),
    "support_vectors": (0.08, _kernel),
    "nearest_neighbors": (0.03, _near),
    "linear": (0.06, None),
}
