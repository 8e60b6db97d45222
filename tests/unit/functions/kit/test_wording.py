"""One is not said as many are."""

import pytest

from functions.kit.contract.wording import counted


@pytest.mark.parametrize(
    ("number", "words", "told"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (2, ("row",), "2 rows"),
        (12_345, ("row",), "12,345 rows"),
        (1, ("copy", "copies"), "1 copy"),
        (3, ("copy", "copies"), "3 copies"),
    ],
)
def test_a_number_has_its_noun(number: int, words: tuple[str, ...], told: str) -> None:
    assert counted(number, *words) == told
