"""What a mail says of a measure: no names of code, and no chance that nobody can picture."""

import pytest

from functions.monitoring.model.alerts import measure_words
from functions.monitoring.model.alerts.conditions import Alarm
from functions.monitoring.model.alerts.rules import RuleSpec
from functions.monitoring.model.windows.window import Span

AS_TRAINING = "The rows are as those of training, as far as can be told"
DIFFERS = "What comes differs from the training rows; that would happen by chance"


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ("drift", "drift of any column"),
        ("drift:age", "drift of 'age'"),
        ("drift:prediction", "drift of what it answers"),
        ("missing:cabin no", "share of rows without 'cabin no'"),
        ("quality:roc_auc", "ROC AUC by labels"),
        ("estimated:log_loss", "log loss as estimated"),
        ("p95", "milliseconds for 95 of 100 calls"),
        ("age", "days since the newest version"),
    ],
)
def test_a_measure_has_a_name(measure: str, said: str) -> None:
    assert measure_words.label(measure) == said


@pytest.mark.parametrize(
    ("measure", "value", "said"),
    [
        ("drift", 0.0, f"{DIFFERS} less than once in 1,000 times (p < 0.001)"),
        ("drift", 3.2e-17, f"{DIFFERS} less than once in 1,000 times (p < 0.001)"),
        ("drift", 0.004, f"{DIFFERS} about once in 250 times (p = 0.004)"),
        ("drift", 0.6, AS_TRAINING),
        ("drift", None, "Drift of any column: unknown"),
        ("drift:age", 1.23456, "Drift of 'age': 1.235"),
        ("missing:age", 0.054, "Share of rows without 'age': 5.4%"),
        ("p99", 1234.5, "Milliseconds for 99 of 100 calls: 1234 ms"),
        ("quality:accuracy", 0.61458, "Accuracy by labels: 0.6146"),
        ("calls", 0.0, "Calls: 0"),
    ],
)
def test_a_value_is_said_as_people_say_it(measure: str, value: float | None, said: str) -> None:
    assert measure_words.found(measure, value) == said


@pytest.mark.parametrize(
    ("span", "count", "said"),
    [
        ("hour", 1, "over an hour"),
        ("day", 1, "over a day"),
        ("minute", 5, "over each of 5 minutes in a row"),
        ("count", 1, "in a window by count"),
        ("count", 2, "in 2 windows by count in a row"),
    ],
)
def test_a_rule_says_for_how_long(span: Span, count: int, said: str) -> None:
    rule = RuleSpec(name="Drift", measure="drift", condition=Alarm(), span=span, for_windows=count)
    assert rule.told == f"drift of any column more than chance explains, {said}"
