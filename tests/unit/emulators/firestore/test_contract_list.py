"""CONTRACT.md names every line of the contract, and tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
TEXT = (ROOT / "emulators/firestore/CONTRACT.md").read_text()
LINES_OF_SECTIONS = {0: 5, 1: 5, 2: 7, 3: 6, 4: 0, 5: 11, 6: 7, 7: 5, 8: 3}


def test_every_line_is_listed():
    wanted = [
        f"{section}.{line}" if count else str(section)
        for section, count in LINES_OF_SECTIONS.items()
        for line in range(1, max(count, 1) + 1)
    ]
    assert re.findall(r"^\| ([0-9.]+) \|", TEXT, re.MULTILINE) == wanted


def test_every_test_that_is_named_is_there():
    for folder, file, name in re.findall(r"`(unit/)?(test_\w+\.py)::(test_\w+)`", TEXT):
        tests = "tests/unit/emulators/firestore" if folder else "tests/contract/firestore"
        assert f"def {name}(" in (ROOT / tests / file).read_text(), name
