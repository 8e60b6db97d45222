"""What each measure means, in plain words with the number in them."""

from collections.abc import Callable, Iterable, Mapping

from web.client.schemas import Evaluation

Metrics = dict[str, float | None]
Sentence = Callable[[float], str]


def _of_100(value: float) -> str:
    return f"{value * 100:.0f} of 100"


SENTENCES: dict[str, tuple[str, Sentence]] = {
    "accuracy": (
        "Accuracy",
        lambda v: f"It names the right label for {_of_100(v)} rows that it never saw in training.",
    ),
    "balanced_accuracy": (
        "Balanced accuracy",
        lambda v: f"The mean over the labels: of the rows of each, it names {_of_100(v)} right.",
    ),
    "roc_auc": (
        "ROC AUC",
        lambda v: (
            "Given one row of each label, it ranks the right one higher "
            f"{_of_100(v)} times. 50 is guessing."
        ),
    ),
    "log_loss": (
        "Log loss",
        lambda _: "How far its probabilities are from the truth; lower is better.",
    ),
    "f1": (
        "F1",
        lambda v: f"Precision and recall in one number; 1 is perfect, this is {v:.2f}.",
    ),
    "precision": (
        "Precision",
        lambda v: f"Of the rows that it calls so, {_of_100(v)} are.",
    ),
    "recall": (
        "Recall",
        lambda v: f"Of the rows that are so, it finds {_of_100(v)}.",
    ),
    "average_precision": (
        "Average precision",
        lambda v: f"The precision over all thresholds; 1 is perfect, this is {v:.2f}.",
    ),
    "mcc": (
        "MCC",
        lambda v: f"How what it says goes with what is so: 0 is guessing, 1 all, this is {v:.2f}.",
    ),
    "brier": (
        "Brier score",
        lambda _: "The mean squared error of its probabilities; lower is better.",
    ),
    "ece": (
        "Calibration error",
        lambda v: f"What it says is likely comes true within {v * 100:.1f} of 100 on average.",
    ),
    "r2": (
        "R²",
        lambda v: f"It explains {v:.0%} of the differences between rows.",
    ),
    "rmse": (
        "RMSE",
        lambda v: f"A typical error is about {v:.4g}; large misses count more.",
    ),
    "mae": (
        "MAE",
        lambda v: f"On average it is off by {v:.4g}.",
    ),
    "mape": (
        "MAPE",
        lambda v: f"On average it is off by {v:.1%} of the right value.",
    ),
    "pinball_10": (
        "Pinball loss, 10 %",
        lambda v: f"Its loss where too much costs nine times as much as too little: {v:.4g}.",
    ),
    "pinball_90": (
        "Pinball loss, 90 %",
        lambda v: f"Its loss where too little costs nine times as much as too much: {v:.4g}.",
    ),
}

# What a model is held beside, besides a guess.
BASELINES = {"linear": "A linear model", "previous": "What came last"}

# Of these less is better, or they may be below 0: no bar shows them.
ERRORS = frozenset(
    {"log_loss", "brier", "ece", "mcc", "rmse", "mae", "mape", "pinball_10", "pinball_90"}
)


class Measure:
    """A metric ready to be shown.

    `baseline` is the score of a model that looks at no column, `beside` that of other simple ones
    by what they are; `interval` is what the value is within for 95 of 100 draws of such rows.
    """

    def __init__(
        self,
        name: str,
        value: float | None,
        baseline: float | None = None,
        interval: tuple[float, float] | None = None,
        beside: Mapping[str, float] | None = None,
    ) -> None:
        label, sentence = SENTENCES.get(name, (name.replace("_", " ").capitalize(), None))
        self.name = name
        self.label = label
        self.value = value
        self.baseline = baseline
        self.interval = interval
        self.beside = beside or {}
        self.meaning = sentence(value) if sentence and value is not None else ""

    @property
    def share(self) -> bool:
        """Whether it runs from 0 to 1 and a bar can show it."""
        return self.name not in ERRORS and self.value is not None and 0 <= self.value <= 1


def in_order(names: Iterable[str]) -> list[str]:
    """Return names of metrics in the order in which a reader wants them, each once."""
    given = dict.fromkeys(names)
    return [*(name for name in SENTENCES if name in given), *(given.keys() - SENTENCES.keys())]


def measures(evaluation: Evaluation, metrics: Metrics | None = None) -> list[Measure]:
    """Return the metrics, by default the evaluation's, each beside what it tells of them."""
    shown = metrics or evaluation.metrics
    return [
        Measure(
            name,
            shown[name],
            evaluation.baseline.get(name),
            evaluation.intervals.get(name),
            _beside(name, evaluation.baselines),
        )
        for name in in_order(shown)
    ]


def _beside(name: str, baselines: Mapping[str, Metrics]) -> dict[str, float]:
    found = {BASELINES.get(model, model): one.get(name) for model, one in baselines.items()}
    return {words: value for words, value in found.items() if value is not None}
