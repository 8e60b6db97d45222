"""Tables that programs trip over: each becomes a served model, or gets a clear, early reason."""

import re

import pytest

from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.evaluation import importance
from tests.support.in_memory.whole_house import learn
from tests.support.rows import awkward_files, awkward_tables
from tests.support.rows.awkward_tables import Awkward

TABLES = [*awkward_tables.TABLES, *awkward_files.TABLES]
QUICK = [Choice("hist_gradient_boosting", {"max_iter": 5})]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_awkward_table_is_served_or_gets_a_reason(
    table: Awkward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importance, "IMPORTANCE_SECONDS", 0.1)
    made = learn(table.content, table.target, table.reading, candidates=QUICK, folds=2)
    if table.reason is not None:
        assert re.search(table.reason, made.refusal or "it trains")
        return
    assert made.refusal is None
    assert made.registration is not None
    asked = [
        {name: value for name, value in row.items() if name != table.target}
        for row in made.rows[:5]
    ]
    assert len(made.predict(asked)) == 5
    every = {column.name for column in made.registration.signature.columns}
    assert every == asked[0].keys()
    assert [one for one in every if f"| {one} |" not in made.registration.card] == []


def test_the_tables_are_sixty_and_more_each_of_its_own() -> None:
    assert len(TABLES) >= 60
    assert len({table.name for table in TABLES}) == len(TABLES)
