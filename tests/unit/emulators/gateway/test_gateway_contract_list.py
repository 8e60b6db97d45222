"""CONTRACT.md names every line of the contracts, and tests that are there."""

from tests.support.contract_list import ContractList, numbered

LINES = {
    "O1": 4, "O2": 18, "O3": 5, "O4": 7, "O5": 8, "O6": 3, "O7": 2, "O8": 3,
    "K1": 7, "K2": 13, "K3": 14, "K4": 10, "P9": 9,
    "B1": 5, "B2": 5, "B3": 4, "B4": 4, "B5": 5, "B6": 3, "E1": 10, "E2": 8, "V1": 9, "D7": 11,
    "S2": 4, "S10": 4, "S12": 3, "S13": 4, "F1": 4, "F2": 7, "F3": 3, "W1": 8, "C1": 7,
    **{f"L{line}": 0 for line in range(1, 10)},
}  # fmt: skip
LIST = ContractList(
    "emulators/gateway/CONTRACT.md",
    {
        "": "tests/integration/gateway",
        "unit/": "tests/unit/emulators/gateway",
        "infra/": "tests/unit/infra",
        "contract/": "tests/contract/gateway",
        "rules/": "tests/unit",
        "kit/": "tests/unit/functions/kit",
        "launcher/": "tests/integration/launcher",
    },
)


def test_every_line_is_listed_and_proven():
    assert LIST.lines() == numbered(LINES)
    assert LIST.unproven() == []


def test_every_test_that_is_named_is_there():
    assert LIST.missing() == []
