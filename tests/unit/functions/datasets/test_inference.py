import pytest

from functions.datasets.model.files import inference
from functions.datasets.model.files.csv_rows import Reader, Refused
from functions.datasets.model.files.inference import infer
from functions.datasets.model.reading.shapes import ColumnOverrule, Dialect, Overrule
from functions.kit.contract.records.columns import Suggested


def column(*cells):
    [found] = infer(Reader([b"x\n", *(f'"{cell}"\n'.encode() for cell in cells)])).columns()
    return found.kind, found.required


def refused(data):
    with pytest.raises(Refused) as caught:
        infer(Reader([data])).columns()
    return [(flaw.row, flaw.column, flaw.value) for flaw in caught.value.flaws]


@pytest.mark.parametrize(
    ("cells", "kind", "required"),
    [
        (["1", "2"], "integer", True),
        (["0", "1"], "integer", True),
        (["1", "2.5"], "number", True),
        (["1", "", "2"], "integer", False),
        (["1", "NA"], "integer", False),
        (["true", "No"], "boolean", True),
        (["2026-01-31", "2026-02-01T10:00:00Z"], "datetime", True),
        (["007", "008"], "text", True),
        (["12345678901234567890", "1"], "text", True),
        (["1", "x"], "text", True),
        (["a", "b", "a", "b"], "category", True),
        (["a", "b", "a", "NA", "b", "NA"], "category", False),
        (["US", "DE", "FR", "NA"] * 2, "category", True),
        (["2026-01-31", "2026-02-01"], "date", True),
        (["a", "", "a"], "category", False),
        (["", ""], "text", False),
        (["NA", "NA"], "text", False),
        ([str(place) + "x" for place in range(51)] * 2, "text", True),
        ([str(place) + "x" for place in range(50)] * 2, "category", True),
    ],
)
def test_the_strictest_kind_that_fits_every_cell(cells, kind, required):
    assert column(*cells) == (kind, required)


def test_infinity_among_numbers_is_a_flaw():
    assert refused(b"a,b\n1,-inf\n2,3\n3,1e999\n") == [(1, "b", "-inf"), (3, "b", "1e999")]


def test_infinity_among_words_is_a_word():
    assert column("inf", "sup")[0] == "text"


def test_batches_together_decide(monkeypatch):
    monkeypatch.setattr(inference, "BATCH", 2)
    schema = infer(Reader([b"a,b,c\n1,1,\n2,2,\n3,x,3\n4.5,,\n5,y,inf\n6,,1\n7,,\n"]))
    assert schema.rows == 7
    with pytest.raises(Refused, match="finite"):
        schema.columns()


def test_no_levels_and_no_bounds_are_made_up():
    [found] = infer(Reader([b"x\na\na\nb\nb\n"])).columns()
    assert (found.levels, found.minimum, found.maximum) == (None, None, None)


def test_the_reader_s_flaws_refuse_the_file():
    assert refused(b"a,b\n1\n2,3\n") == [(1, "b", None)]


def test_batches_are_bounded_by_rows_and_by_bytes(monkeypatch):
    monkeypatch.setattr(inference, "BATCH", 4)
    monkeypatch.setattr(inference, "BATCH_BYTES", 40)
    lines = [b"x\n", *[b"1\n"] * 4, *[b"2" * 30 + b"\n"] * 3]
    assert [len(batch) for batch in inference.looks(Reader(lines))] == [4, 1, 1, 1]


def test_columns_that_no_document_holds_are_refused():
    header = ",".join(f"{place:03d}" + "ä" * 190 for place in range(1000)).encode()
    with pytest.raises(Refused) as caught:
        infer(Reader([header + b"\n", b",".join([b"1"] * 1000) + b"\n"])).columns()
    assert "300,000" in caught.value.flaws[0].reason


def test_what_is_suggested_goes_before_a_file_is_refused():
    levels = [f"{'w' * 30}{place}" for place in range(50)]
    header = ",".join(f"c{place}" for place in range(300))
    rows = [",".join([level] * 300) for level in levels * 2]
    columns = infer(Reader(["\n".join([header, *rows]).encode()])).columns()
    assert {column.suggested for column in columns} == {None}
    assert {column.kind for column in columns} == {"category"}


def test_bounds_and_levels_are_learnt_and_only_suggested():
    rows = "".join(f"{n},{'ab'[n % 2]},-999\n" for n in range(5, 9))
    found = infer(Reader([b"n,w,s\n" + rows.encode()])).columns()
    assert [column.suggested for column in found] == [
        Suggested(minimum=5.0, maximum=8.0),
        Suggested(levels=["a", "b"]),
        Suggested(minimum=-999.0, maximum=-999.0),
    ]


def test_a_reading_that_no_document_holds_is_refused():
    sources = [f"{place}-{'s' * 900}" for place in range(500)]
    said = Overrule(
        columns=[ColumnOverrule(source=one, name=f"c{n}") for n, one in enumerate(sources)]
    )
    names = {one: f"c{n}" for n, one in enumerate(sources)}
    data = [",".join(sources).encode() + b"\n" + b",".join([b"1"] * 500)]
    schema = infer(Reader(data, dialect=Dialect(), names=names), overrule=said)
    assert len(schema.columns()) == 500
    with pytest.raises(Refused, match="400,000"):
        schema.reading()
