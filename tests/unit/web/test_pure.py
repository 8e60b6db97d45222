import datetime as dt
from pathlib import Path

import pytest

from functions.training.learning.evaluation.metrics import MEASURES
from web.addresses import BY_PATH, Addresses
from web.client.schemas import Evaluation
from web.client.table_schemas import Column
from web.forms.fields import parse_value
from web.forms.filters import filters
from web.forms.readings import chosen
from web.settings import ConfigError, Settings
from web.views.formatting import (
    NOTHING,
    ago,
    cell,
    counted,
    number,
    seconds,
    settings_text,
    size,
)
from web.views.metrics import SENTENCES, in_order, measures


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", " 1.5 ", 1.5),
        ("integer", "-3", -3),
        ("integer", str(2**62), 2**62),
        ("boolean", "false", False),
        ("text", " a ", " a "),
        ("text", "a\r\nb", "a\nb"),
        ("number", "", None),
        ("text", "  ", None),
    ],
)
def test_parse_value(kind, text, value):
    assert parse_value(Column("c", kind), text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [("number", "nan"), ("number", "inf"), ("integer", "1.0"), ("boolean", "maybe")],
)
def test_parse_value_refuses(kind, text):
    with pytest.raises(ValueError, match="must be"):
        parse_value(Column("c", kind), text)


def test_a_required_field_must_be_filled():
    with pytest.raises(ValueError, match="must have a value"):
        parse_value(Column("c", "text", required=True), " ")


def test_filters_read_aloud_and_are_added_once():
    [first, second] = filters(["age>=30"], "sex", "==", "")
    assert (first.reading, second.reading) == ("age is at least 30", "sex is (empty)")
    assert len(filters(["a==1"], "a", "==", "1")) == 1
    assert filters([], "a", "~", "1") == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *[(None, NOTHING), (0.8234567, "0.8235"), (1234.5, "1,234"), (1e-7, "1.00e-07")],
        *[(0.0, "0"), (9999.4, "9,999"), (9999.6, "10,000"), (-9999.6, "-10,000")],
    ],
)
def test_number(value, text):
    assert number(value) == text


def test_cells_read_as_in_a_file():
    assert [cell(v) for v in (None, True, 29.0, 0.5, "x")] == ["", "true", "29", "0.5", "x"]


def test_ago():
    now = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
    moments = ["2026-01-02T11:59:55Z", "2026-01-02T11:50:00Z", "2025-01-02T00:00:00"]
    assert [ago(m, now) for m in moments] == ["just now", "10 min ago", "2 January 2025"]


def test_size():
    assert [size(n) for n in (12, 42_000, 3_500_000)] == ["12 B", "42 kB", "3.5 MB"]
    assert [size(n) for n in (999_400, 999_700)] == ["999 kB", "1 MB"]


def test_seconds():
    told = [seconds(n) for n in (0.04, 59.94, 59.97, 119.8, 3599.6)]
    assert told == ["0.0 s", "59.9 s", "1 min 0 s", "2 min 0 s", "60 min 0 s"]


def test_a_count_has_its_noun():
    assert [counted(n, "row") for n in (0, 1, 1309)] == ["0 rows", "1 row", "1,309 rows"]


def test_measures_come_in_a_reader_s_order_each_once():
    assert in_order(["new_one", "log_loss", "accuracy"]) == ["accuracy", "log_loss", "new_one"]
    [one] = measures(
        Evaluation(
            {"rmse": 2.0},
            {"rmse": 4.0},
            {"linear": {"rmse": 3.0}, "previous": {}},
            intervals={"rmse": (1.5, 2.5)},
        )
    )
    assert (one.label, one.baseline, one.share) == ("RMSE", 4.0, False)
    assert (one.interval, one.beside) == ((1.5, 2.5), {"A linear model": 3.0})


def test_every_measure_that_is_computed_has_its_sentence_and_no_other():
    assert set(SENTENCES) == {name for measures in MEASURES.values() for name in measures}
    for name, (_, sentence) in SENTENCES.items():
        assert sentence(0.5), name


def test_settings_read_the_secret_from_its_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text("signed\n")
    env = {"MAYFLY_WEB_SECRET_FILE": str(file), "MAYFLY_GATEWAY_URL": "http://g:1/"}
    settings = Settings.from_env(env)
    assert settings.secret == "signed"
    assert settings.functions == settings.public == Addresses("http://g:1" + BY_PATH, "openfaas-fn")


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "MAYFLY_WEB_SECRET_FILE"),
        ({"MAYFLY_WEB_SECRET_FILE": "/nowhere/secret"}, "No such file"),
        ({"MAYFLY_WEB_SECRET": "s", "MAYFLY_WEB_PROXIES": "-1"}, "MAYFLY_WEB_PROXIES='-1'"),
        ({"MAYFLY_WEB_SECRET": "s", "MAYFLY_GATEWAY_URL": "g"}, "MAYFLY_GATEWAY_URL='g'"),
    ],
)
def test_wrong_settings_are_named(env, said):
    with pytest.raises(ConfigError, match=said):
        Settings.from_env(env)


def test_main_is_wiring():
    lines = Path(__file__).parents[3].joinpath("web/main.py").read_text().splitlines()
    assert len(lines) <= 40


def test_settings_are_told_by_name_whatever_order_they_came_in():
    assert settings_text({"max_iter": 100, "C": 1.0}) == "C 1.0 · max_iter 100"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, ""),
        ({"reading": " {1 "}, "{1"),
        ({"reading": "{1", "choice.1": "{}"}, "{1"),
        ({"reading": "[]", "choice.1": "{}"}, "[]"),
        ({"reading": '{"columns":1}', "choice.1": "{}"}, '{"columns":1}'),
        ({"reading": '{"rows":1}', "choice.1": "{}"}, '{"rows":1}'),
        (
            {
                "reading": '{"columns":[{"source":"a","kind":"text"},{"name":"b"}]}',
                "choice.1": '{"columns":[{"source":"a","kind":"date"}]}',
            },
            '{"columns":[{"source":"a","kind":"date"},{"name":"b"}]}',
        ),
    ],
)
def test_what_is_said_of_a_reading_is_one_reading(fields, said):
    assert chosen(fields) == said
