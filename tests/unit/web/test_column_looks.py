"""Columns at a glance."""

import re

import httpx
import pytest

from tests.support.pages.answers import COLUMNS
from web.client.table_schemas import Column, ColumnProfile, Histogram, Profile
from web.views.columns.looks import HEIGHT, MOST_BARS, looks
from web.views.columns.relations import relation


def look(kind="number", edges=(), counts=(), quantiles=None):
    histogram = Histogram(list(edges), list(counts)) if counts else None
    found = ColumnProfile("c", kind, 0, 1, histogram, quantiles=quantiles)
    [one] = looks([Column("c", kind)], Profile(1, 10, [found]))
    return one


def test_bars_are_as_high_as_they_count_and_a_small_one_is_seen():
    one = look(edges=[0, 1, 2, 3], counts=[1000, 0, 1])
    assert [bar.height for bar in one.bars] == [HEIGHT, 0, 1]
    assert one.bars[0].said == "0 to 1: 1,000"


@pytest.mark.parametrize("count", [1, 19, 20, 21, 50, 64])
def test_no_more_bars_than_have_room_and_no_row_is_lost(count):
    one = look(edges=range(count + 1), counts=[1] * count)
    assert len(one.bars) <= MOST_BARS
    assert sum(int(bar.said.rpartition(" ")[2]) for bar in one.bars) == count
    assert one.bars[-1].said.startswith(one.bars[-1].said.partition(" to ")[0])
    assert f"to {count}:" in one.bars[-1].said


@pytest.mark.parametrize(
    ("kind", "span"), [("number", "0 to 86,400"), ("date", "1970-01-01 to 1970-01-02")]
)
def test_times_are_written_as_days(kind, span):
    assert look(kind, quantiles=[0.0, 86400.0]).span == span


def test_times_beyond_the_calendar_are_numbers():
    assert look("datetime", quantiles=[0.0, 1e15]).span == "1970-01-01 to 1.00e+15"


def test_the_page_shows_spread_words_missing_and_warnings(browser, double):
    double.add_dataset()
    text = browser.get("/datasets/titanic/columns").text
    for told in ("20 (20.0%)", "0 to 80", "&lt;male&gt;", "<title>0 to 40: 60</title>"):
        assert told in text
    assert "3 rows are as an earlier one." in text
    assert "Most are missing." in text
    assert "from 0 to 120" in text
    assert "style=" not in text


@pytest.mark.parametrize(
    ("measures", "word", "number", "detail"),
    [
        ({"mutual_information": 0.99, "auc": 0.996}, "tells all of it", "99.0%", "100 of 100"),
        ({"mutual_information": 0.3, "auc": 0.767, "eta2": 0.2}, "strongly", "30.0%", "77 of 100"),
        ({"mutual_information": 0.06, "eta2": 0.12}, "clearly", "6.0%", "12.0% of the spread"),
        ({"mutual_information": 0.02, "correlation": -0.1, "rank_correlation": -0.3},
         "weakly", "2.0%", "falls as it rises, \N{MINUS SIGN}0.30"),
        ({"mutual_information": 0.001, "correlation": 0.02},
         "hardly", "0.1%", "rises with it, +0.02"),
        ({"mutual_information": 0.0}, "hardly", "0.0%", ""),
    ],
)  # fmt: skip
def test_a_relation_is_told_in_words_and_a_number(measures, word, number, detail):
    found = relation(measures)
    assert (found.word, found.number) == (word, number)
    assert detail in found.detail
    assert relation({}) is None


def rows_of(text):
    return re.findall(r'<tr><th scope="row" class="name">(\w+)</th>.*?</tr>', text, re.DOTALL)


def test_the_page_relates_columns_to_the_target_that_is_chosen(browser, double):
    double.add_dataset()
    plain = browser.get("/datasets/titanic/columns").text
    assert "Goes with" not in plain
    assert rows_of(plain) == ["age", "sex", "alone", "survived"]
    text = browser.get("/datasets/titanic/columns?target=survived").text
    assert "hardly" in text
    assert "puts 55 of 100 pairs in order" in text
    assert '<option value="survived" selected>' in text
    assert "itself" in text
    assert "not known" in text  # of alone
    assert rows_of(text) == ["age", "sex", "alone", "survived"]
    ranked = browser.get("/datasets/titanic/columns?target=survived&order=relation").text
    assert rows_of(ranked) == ["sex", "age", "alone", "survived"]
    assert 'aria-sort="descending"' in ranked
    assert "Goes with" not in browser.get("/datasets/titanic/columns?target=gone").text


def test_the_target_by_its_role_is_taken_unless_none_is_wanted(browser, double):
    columns = [*COLUMNS[:3], COLUMNS[3] | {"role": "target"}]
    double.add_dataset(columns=columns)
    assert "Goes with survived" in browser.get("/datasets/titanic/columns").text
    assert "Goes with" not in browser.get("/datasets/titanic/columns?target=").text


def test_the_page_stands_without_a_profile(browser, double):
    double.add_dataset()
    double.answers["GET", "/datasets/datasets/titanic/profile"] = httpx.Response(503, text="away")
    answer = browser.get("/datasets/titanic/columns")
    assert answer.status_code == 200
    assert "is shown without what it would have told" in answer.text
    assert "survived" in answer.text
