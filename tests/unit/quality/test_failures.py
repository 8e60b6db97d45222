"""What docs/failures.md says of parts that are down: each part has a row, each row its tests."""

import re

import yaml

from benchmarks.faults.plan import VICTIMS
from infra.local.settings import ROOT
from tests.unit.quality.test_domain import NAMED, missing, table

PAGE = ROOT / "docs" / "failures.md"
TABLES = ("The parts", "The functions", "What is outside, and what holds it all")
# They do their work before anything runs.
ONCE = {"secrets"}
BESIDE = {"mail server", "webhooks", "replica", "disk", "launcher", "hangs"}


def rows() -> list[list[str]]:
    """Return all rows of the page."""
    text = PAGE.read_text()
    return [row for heading in TABLES for row in table(text, heading)]


def parts() -> set[str]:
    """Return the parts of a whole stack, as its containers are called."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return {name for name, one in services.items() if "profiles" not in one} - ONCE


def test_every_part_has_a_row() -> None:
    named = {name for row in rows() for name in re.findall(r"^`([\w-]+)`", row[0])}
    assert len(parts()) >= 13
    assert named == parts()
    assert set(VICTIMS) <= named | {"nats"}


def test_what_is_beside_the_parts_has_a_row() -> None:
    others = " ".join(row[0] for row in rows())
    assert [one for one in sorted(BESIDE) if one not in others] == []


def test_every_row_says_what_goes_on_and_names_tests_that_there_are() -> None:
    for name, goes_on, _, afterwards, tests in rows():
        assert goes_on, name
        assert afterwards, name
        assert any("/tests/" in file for _, file in NAMED.findall(tests)), name
    assert missing(PAGE.read_text(), PAGE.parent) == []
