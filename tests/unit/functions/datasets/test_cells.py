import datetime as dt

import pytest

from functions.datasets.model.cells import (
    NotOfKind,
    cast,
    parse,
    render,
)

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        (" 12 ", "integer", 12),
        ("-9223372036854775808", "integer", -(2**63)),
        ("+3", "integer", 3),
        ("1e3", "number", 1000.0),
        (".5", "number", 0.5),
        ("3", "number", 3.0),
        ("YES", "boolean", True),
        ("false", "boolean", False),
        ("2026-01-31T13:00:00+01:00", "datetime", NOON),
        ("2026-01-31 12:00", "datetime", NOON),
        ("2026-01-31", "datetime", NOON.replace(hour=0)),
        ("31.01.2026", "datetime", NOON.replace(hour=0)),
        ("2026-01-31", "date", NOON.date()),
        ("2026-01-31T00:00:00Z", "date", NOON.date()),
        ("Jan 31, 2026", "date", NOON.date()),
        ("01/31/2026", "date", NOON.date()),
        (" a ", "text", " a "),
        ("NA", "category", "NA"),
        ("NA", "number", None),
        ("nan", "number", None),
        ("null", "integer", None),
        ("", "text", None),
        ("  ", "category", None),
    ],
)
def test_parse(cell, kind, value):
    assert parse(cell, kind) == value
    assert type(parse(cell, kind)) is type(value)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("1.5", "integer"),
        ("9223372036854775808", "integer"),
        ("1_000", "integer"),
        ("007", "integer"),
        ("٣", "integer"),
        ("inf", "number"),
        ("1e999", "number"),
        ("1,5", "number"),
        ("1", "boolean"),
        ("2026-02-30", "datetime"),
        ("01/02/2026", "datetime"),
        ("01/02/2026", "date"),
        ("2026-01-31T10:00:00Z", "date"),
        ("2026-02-30", "date"),
        ("0001-01-01T00:00:00+10:00", "datetime"),
    ],
)
def test_text_that_is_not_of_the_kind(cell, kind):
    with pytest.raises(NotOfKind, match="wanted"):
        parse(cell, kind)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "text", ""),
        (True, "boolean", "true"),
        (0.1, "number", "0.1"),
        (1e300, "number", "1e+300"),
        (7, "integer", "7"),
        (NOON, "datetime", "2026-01-31T12:00:00Z"),
        (NOON.replace(microsecond=5), "datetime", "2026-01-31T12:00:00.000005Z"),
        ('a,"b"\n', "text", 'a,"b"\n'),
    ],
)
def test_render_and_back(value, kind, text):
    assert render(value) == text
    assert parse(text, kind) == value


@pytest.mark.parametrize(
    ("value", "kind", "now"),
    [
        (1, "boolean", True),
        (0.0, "boolean", False),
        (True, "integer", 1),
        (True, "number", 1.0),
        (3.0, "integer", 3),
        (3, "number", 3.0),
        (3, "category", "3"),
        ("3.5", "number", 3.5),
        ("2026-01-31T12:00:00Z", "datetime", NOON),
        (None, "boolean", None),
    ],
)
def test_cast_to_the_kind_that_the_column_has_now(value, kind, now):
    assert cast(value, kind) == now
    assert type(cast(value, kind)) is type(now)


@pytest.mark.parametrize(
    ("value", "kind"), [(2, "boolean"), (3.5, "integer"), ("x", "number"), (NOON, "integer")]
)
def test_what_cannot_be_cast(value, kind):
    with pytest.raises(NotOfKind):
        cast(value, kind)
