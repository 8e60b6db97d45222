"""The same rows in any form are predicted the same, and are answered in any."""

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.in_memory.predicting import Answered, House
from tests.support.models.mixed import COLUMNS, LABELS, mixed
from tests.support.rows import forms
from tests.support.rows.forms import ARROW, CSV, JSON, LINES, PROTOBUF, Read, Row, Write
from tests.support.wsgi import environment

FORMS = (JSON, LINES, CSV, ARROW, PROTOBUF)
FULL: Row = {
    "amount": 12.5,
    "fine share": -0.25,
    "rooms": 3,
    "owns, or not": True,
    "sex": "female",
    'the "town"': "a,b",
    "note": "two\nlines",
    "born": dt.date(1990, 2, 28),
    "seen": dt.datetime(2026, 1, 31, 12, 30, 0, 250_000, dt.UTC),
}
EMPTY: Row = dict.fromkeys(FULL)


class Caller(NamedTuple):
    """Who asks a model in any form, with what libraries and its compiled schema make of rows."""

    house: House
    model: str
    writes: Mapping[str, Write]
    reads: Mapping[str, Read]

    def ask(self, form: str, body: bytes, accept: str | None = None, **more: Any) -> Answered:
        path = f"/models/{self.model}/predict"
        head = {"CONTENT_TYPE": form, "HTTP_ACCEPT": accept, **more}
        return self.house.whole(environment(path, body, **head))

    def predictions(self, form: str, rows: list[Row], accept: str | None = None) -> list[Row]:
        answered = self.ask(form, self.writes[form](rows), accept)
        assert answered.status == "200 OK", answered.body
        return self.reads[accept or form](answered.body)


@pytest.fixture(scope="module")
def house() -> House:
    return House({"classes": mixed(), "values": mixed("regression")})


@pytest.fixture(scope="module")
def callers(house: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Caller]:
    folder = tmp_path_factory.mktemp("schemas")
    return {
        name: _caller(house, name, labels, folder)
        for name, labels in (("classes", LABELS), ("values", []))
    }


def _caller(house: House, name: str, labels: list[str], folder: Path) -> Caller:
    schema = house.whole(environment(f"/models/{name}/schema.proto", b"", REQUEST_METHOD="GET"))
    module = forms.compiled(schema.body.decode(), folder, name)
    writes: dict[str, Write] = {
        JSON: forms.as_json,
        LINES: forms.as_lines,
        CSV: forms.as_csv,
        ARROW: lambda rows: forms.as_arrow(rows, COLUMNS),
        PROTOBUF: lambda rows: forms.as_protobuf(rows, module, COLUMNS),
    }
    reads: dict[str, Read] = {
        JSON: forms.of_json,
        LINES: forms.of_lines,
        CSV: lambda body: forms.of_csv(body, labels),
        ARROW: forms.of_arrow,
        PROTOBUF: lambda body: forms.of_protobuf(body, module),
    }
    return Caller(house, name, writes, reads)


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1)
odd = st.sampled_from(['say "so"', "a,b", "NaN", "null", "1", " x", "é", "two\nlines", "true"])
records = st.fixed_dictionaries(
    {
        "amount": st.none() | st.floats(-1e6, 1e6, width=32) | st.integers(-5, 5),
        "fine share": st.none() | st.floats(-1e30, 1e30),
        "rooms": st.none() | st.integers(-1000, 2**62),
        "owns, or not": st.none() | st.booleans(),
        "sex": st.none() | st.sampled_from(["female", "male", "é"]),
        'the "town"': st.none() | odd | words,
        "note": st.none() | odd | words,
        "born": st.none() | st.dates(),
        "seen": st.none() | st.datetimes(timezones=st.just(dt.UTC)),
    }
)
tables = st.lists(records, min_size=1, max_size=20)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables, st.sampled_from(["classes", "values"]))
def test_all_forms_mean_the_same(callers, rows, model):
    caller = callers[model]
    wanted = caller.predictions(JSON, rows)
    for form in FORMS[1:]:
        assert caller.predictions(form, rows) == wanted, form


@pytest.mark.parametrize("model", ["classes", "values"])
@pytest.mark.parametrize("accept", FORMS)
@pytest.mark.parametrize("form", FORMS)
def test_any_form_may_be_answered_in_any(callers, form, accept, model):
    caller, rows = callers[model], [FULL, EMPTY, FULL]
    wanted = caller.predictions(JSON, rows)
    assert len({str(one) for one in wanted}) == 2
    assert caller.predictions(form, rows, accept) == wanted


@pytest.mark.parametrize("form", FORMS[1:])
def test_one_row_and_a_thousand_mean_the_same(callers, form):
    caller = callers["classes"]
    [one] = caller.predictions(form, [FULL])
    body = caller.writes[form]([FULL, EMPTY] * 8)
    many = caller.reads[form](caller.ask(form, body).body)
    assert many[::2] == [one] * 8


@pytest.mark.parametrize("column", [column.name for column in COLUMNS])
@pytest.mark.parametrize("form", FORMS)
def test_every_value_counts(callers, form, column):
    """So that a form which drops a value fails, the model's answer changes with each."""
    caller = callers["values"]
    whole, without = caller.predictions(form, [FULL, {**FULL, column: None}])
    assert not math.isclose(whole["value"], without["value"], rel_tol=1e-12)
