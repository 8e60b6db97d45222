"""Ten columns are explained within 20 ms: the command, with fewer records."""

from benchmarks.serving import explanations


def test_ten_columns_are_explained_in_time() -> None:
    found = explanations.measure(explanations.CASES["heart, ten columns"], 15)
    assert (found.members, found.columns, found.records) == (1, 10, 15)
    assert found.example.exact
    assert len(found.example.columns) == 10
    assert found.background >= 4
    assert found.mixtures > 100
    # The processor's time: the clock's has that of all others in it.
    assert 0 < found.processor <= explanations.MOST
    assert "10 columns" in explanations.told("heart", found)
