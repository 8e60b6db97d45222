"""CONTRACT.md names every line of the contract, and tests that are there."""

from tests.support.contract_list import ContractList, numbered

LINES = {"1": 6, "2": 7, "3": 3, "4": 6, "5": 7, "6": 4, "7": 5, "8": 3}
LIST = ContractList(
    "emulators/storage/CONTRACT.md",
    {"": "tests/contract/storage", "unit/": "tests/unit/emulators/storage"},
)


def test_every_line_is_listed_and_proven() -> None:
    assert LIST.lines() == numbered(LINES)
    assert LIST.unproven() == []


def test_every_test_that_is_named_is_there() -> None:
    assert LIST.missing() == []
