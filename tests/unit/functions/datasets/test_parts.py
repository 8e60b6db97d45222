import pytest

from functions.datasets.model.dataset import record_id, slug
from functions.datasets.model.files.csv_rows import Row
from functions.datasets.model.reading.rows import parsers, reading_of, to_values
from functions.datasets.service.files import importing
from functions.datasets.service.files.importing import commits
from functions.datasets.service.files.prefetch import prefetch
from functions.kit.contract.errors import DomainError, Invalid
from functions.kit.contract.records.columns import Column


@pytest.mark.parametrize(
    ("name", "expected"),
    [("titanic", "titanic"), ("Crème Brûlée (2)", "creme-brulee-2"), ("a" * 99, "a" * 60)],
)
def test_a_dataset_s_id_follows_from_its_name(name, expected):
    assert slug(name) == expected


@pytest.mark.parametrize("name", ["", "!!", "漢字"])
def test_a_name_without_letters(name):
    with pytest.raises(DomainError) as caught:
        slug(name)
    assert isinstance(caught.value, Invalid)


def test_record_ids_sort_as_the_rows():
    assert record_id(2) < record_id(10) < record_id(999_999_999)


def test_batches_fit_a_commit(monkeypatch):
    rows = [Row(number, ["x" * 10], number) for number in range(1, 1200)]
    columns = [Column("x", "text")]
    assert [len(batch) for batch in commits(rows, columns)] == [499, 499, 201]
    monkeypatch.setattr(importing, "BATCH_BYTES", 3 * (2 * 10 + 1 + 16))
    assert {len(batch) for batch in commits(rows[:999], columns)} == {3}
    assert [len(batch) for batch in commits(rows[:2], [Column("x" * 1000, "text")])] == [1, 1]


def test_rows_become_values():
    columns = [Column("n", "integer"), Column("t", "text")]
    parse = parsers(reading_of(columns))
    assert to_values(Row(1, ["3", ""], 0), parse) == {"n": 3, "t": None}


def test_items_are_made_ahead_in_order():
    made = []

    def items():
        for number in range(3):
            made.append(number)
            yield number
        raise OSError("the end")

    found = prefetch(items())
    assert next(found) == 0
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(OSError, match="the end"):
        next(found)
    assert made == [0, 1, 2]
