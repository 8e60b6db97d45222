from typing import get_args

import pytest

from functions.models.model.aliases import Action
from web.client.evaluation_schemas import Counts
from web.client.registry_schemas import Change
from web.client.schemas import Evaluation, Signature
from web.forms.costs import parse_cost, parse_costs
from web.views.lead import lead
from web.views.registered import happened
from web.views.thresholds import line

COUNTS = [Counts(0.2, 9, 5, 1, 5), Counts(0.6, 6, 1, 4, 9), Counts(0.9, 1, 0, 9, 10)]


@pytest.mark.parametrize(
    ("evaluation", "target", "words"),
    [
        (Evaluation(), "y", ""),
        (Evaluation(metrics={"accuracy": 0.8}), "y", "80 of 100 right"),
        (
            Evaluation(
                metrics={"accuracy": 0.8},
                baseline={"accuracy": 0.62},
                intervals={"accuracy": (0.76, 0.84)},
            ),
            "y",
            "80 of 100 right; 62 by guessing; ± 4",
        ),
        (
            Evaluation(
                metrics={"mae": 3.21},
                baseline={"mae": 7.8},
                intervals={"mae": (2.9, 3.5)},
            ),
            "rent",
            "rent off by 3.21 on average; 7.8 by guessing; ± 0.3",
        ),
        (Evaluation(metrics={"mae": 3.21}), "", "Off by 3.21 on average"),
    ],
)
def test_a_version_in_one_sentence(evaluation, target, words):
    assert lead(evaluation, target) == words


@pytest.mark.parametrize(
    ("text", "cost"), [("2", 2.0), ("2,5", 2.5), (" 0 ", 0.0), ("1,234.5", 1234.5), ("1000", 1e3)]
)
def test_costs_are_read_as_people_write_them(text, cost):
    assert parse_cost(text) == cost


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,000", "two ways: write 1000 or 1.000"),
        ("1O", "must be a number"),
        ("nan", "must be a number"),
        ("-1", "must be 0 or more"),
        ("1e12", "must be 0 or more"),
    ],
)
def test_what_is_no_cost_is_said_and_kept_as_typed(text, said):
    with pytest.raises(ValueError, match=said):
        parse_cost(text)
    costs = parse_costs({"missed": text})
    assert (costs.missed, costs.alarm) == (1.0, 1.0)
    assert costs.texts == {"missed": text, "alarm": "1"}
    assert said in costs.flaws["missed"]
    assert "alarm" not in costs.flaws


@pytest.mark.parametrize(
    ("place", "stored", "expected"), [(None, None, 1), (None, 0.25, 0), (0, 0.9, 0), (99, None, 2)]
)
def test_the_line_is_where_the_version_has_it_or_where_it_is_put(place, stored, expected):
    signature = Signature("binary", "y", [], threshold=stored)
    drawn = line(Evaluation(thresholds=COUNTS), signature, place)
    assert drawn.place == expected
    assert drawn.cost == COUNTS[expected].missed + COUNTS[expected].false_alarms


def test_what_costs_more_moves_the_cheapest_line():
    found = Evaluation(thresholds=COUNTS)
    assert line(found, None, 1, missed=10, alarm=1).cheapest == 0
    assert line(found, None, 1, missed=1, alarm=10).cheapest == 2


def test_no_thresholds_no_line():
    assert line(Evaluation(), None, None) is None


@pytest.mark.parametrize(
    ("action", "ends", "words"),
    [
        ("register", (None, 3), "Version 3 was made"),
        ("promote", (1, 2), "champion went from version 1 to version 2"),
        ("promote", (None, 2), "champion is version 2"),
        ("roll back", (2, 1), "champion went back from version 2 to version 1"),
        ("end traffic", (None, 1), "The calls of champion all go to version 1 again"),
        ("of a later release", (None, None), "of a later release"),
    ],
)
def test_a_model_s_history_reads_as_sentences(action, ends, words):
    before, after = ends
    change = Change(action, "ann", "2026-11-28T10:00:00Z", "champion", before, after)
    assert happened(change) == words


@pytest.mark.parametrize("action", get_args(Action))
def test_each_act_of_the_registry_has_words(action):
    change = Change(action, "ann", "2026-11-28T10:00:00Z", "champion", 1, 2)
    assert happened(change) != action
