"""What tests lean on: a missing tool, and a look at the tests themselves."""

import re
from pathlib import Path

import pytest

from tests.support.tools import lacking, program

ROOT = Path(__file__).resolve().parents[3]
SOURCES = ("benchmarks", "emulators", "examples", "functions", "infra", "tests", "web")
TESTS = sorted((ROOT / "tests").rglob("*.py"))


@pytest.mark.parametrize(
    ("variable", "outcome"), [("1", pytest.fail.Exception), ("", pytest.skip.Exception)]
)
def test_a_missing_tool_fails_in_ci_and_skips_elsewhere(
    monkeypatch: pytest.MonkeyPatch, variable: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", variable)
    with pytest.raises(outcome, match="no-such-tool is not installed"):
        program("no-such-tool", "nor-this", package="x")


def test_a_tool_may_be_required_by_a_variable_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    monkeypatch.delenv("MAYFLY_REQUIRE_X", raising=False)
    with pytest.raises(pytest.skip.Exception):
        lacking("no x", required="MAYFLY_REQUIRE_X")
    monkeypatch.setenv("MAYFLY_REQUIRE_X", "1")
    with pytest.raises(pytest.fail.Exception, match="no x; where MAYFLY_REQUIRE_X is set"):
        lacking("no x", required="MAYFLY_REQUIRE_X")


def test_a_tool_that_is_there_is_found() -> None:
    assert Path(program("no-such-tool", "sh", package="dash")).name == "sh"


def test_tests_skip_through_the_one_helper_alone() -> None:
    """What is missing must not look green in CI; another operating system is another matter."""
    own = {ROOT / "tests/support/tools.py", Path(__file__)}
    skips = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in TESTS
        if path not in own
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"pytest\.skip\(|\.skipif\(|\.skip\b|importorskip|SkipTest", line)
        and "sys.platform" not in line
    ]
    assert len(TESTS) > 100
    assert skips == []


def test_an_exception_to_the_linter_has_its_reason() -> None:
    """The one form is `noqa: CODE - why`."""
    said = re.compile(r"# noqa: [A-Z]+\d+(, [A-Z]+\d+)* - \S")
    paths = [path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py"))]
    lines = [
        (f"{path.relative_to(ROOT)}:{number}", line)
        for path in paths
        if "node_modules" not in path.parts and path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "# noqa" in line
    ]
    assert len(lines) > 20
    assert [place for place, line in lines if not said.search(line)] == []
