"""CONTRACT.md names every line of the contract, and tests that are there."""

from tests.support.contract_list import ContractList, numbered

LINES = {"0": 5, "1": 5, "2": 7, "3": 6, "4": 0, "5": 11, "6": 7, "7": 5, "8": 3, "9": 4, "10": 8}
LIST = ContractList(
    "emulators/firestore/CONTRACT.md",
    {"": "tests/contract/firestore", "unit/": "tests/unit/emulators/firestore"},
)


def test_every_line_is_listed_and_proven():
    assert LIST.lines() == numbered(LINES)
    assert LIST.unproven() == []


def test_every_test_that_is_named_is_there():
    assert LIST.missing() == []
