"""Files of activity: the double in memory and Parquet, in either bucket, keep the same promises."""

import datetime as dt
import io
from uuid import uuid4

import pytest
from pyarrow import parquet

from functions.accounts.adapters.activity.parquet_lines import ParquetLines
from functions.accounts.adapters.memory.lines import MemoryLines
from functions.accounts.model.activity import Filters, Kept, Key
from functions.accounts.model.activity_files import LineFile, file_of, workspace_prefix
from functions.accounts.service.activity.ports import LineFiles
from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.memory_bucket import MemoryBucket
from functions.kit.adapters.stores.storage import Files
from tests.support.callers.activity import batch, kept, line

ALL = Filters()
HOUR = dt.timedelta(hours=1)
NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(params=["memory", "parquet", "storage"])
def files(request: pytest.FixtureRequest) -> LineFiles:
    if request.param == "memory":
        return MemoryLines()
    if request.param == "parquet":
        return ParquetLines(MemoryBucket())
    request.getfixturevalue("emulators")
    return ParquetLines(Files(Settings.from_env()))


@pytest.fixture
def workspace() -> str:
    return f"w{uuid4().hex[:8]}"


def stored(files: LineFiles, workspace: str, *seconds: float) -> tuple[LineFile, list[Kept]]:
    """Store lines at some seconds; return them newest first."""
    told = batch([line(second, workspace=workspace, rows=None) for second in seconds])
    lines = kept(told)
    file = file_of(lines, told.id)
    files.write(file, lines)
    return file, sorted(lines, key=lambda one: one.order, reverse=True)


def test_lines_are_read_as_they_were_newest_first(files: LineFiles, workspace: str) -> None:
    whole = batch([
        line(2, workspace=workspace, path="/ä\x00", rows=3, key="k", kind="step"),
        line(1.5, workspace=workspace), line(1.5, workspace=workspace, status=500),
    ])  # fmt: skip
    lines = kept(whole)
    file = file_of(lines, whole.id)
    files.write(file, lines)
    files.write(file, lines)
    assert files.read(file, ALL, None, 10) == [lines[0], lines[2], lines[1]]
    assert list(files.listed(workspace_prefix(workspace))) == [file]


def test_files_of_earlier_releases_have_no_reasons_and_are_merged_with_others() -> None:
    bucket = MemoryBucket()
    files = ParquetLines(bucket)
    (old, [was]), (new, [now]) = stored(files, "w", 1), stored(files, "w", 2)
    table = parquet.read_table(io.BytesIO(bucket.read(old.path))).drop_columns(["reason"])
    shorter = io.BytesIO()
    parquet.write_table(table, shorter)
    bucket.write(old.path, shorter.getvalue(), "")
    assert files.read(old, ALL, None, 10) == [was]
    assert files.read(files.merge([old, new]), ALL, None, 10) == [now, was]


def test_no_more_than_is_wanted_and_only_what_is_older(files: LineFiles, workspace: str) -> None:
    file, lines = stored(files, workspace, 1, 2, 2, 2, 3)
    assert files.read(file, ALL, None, 2) == lines[:2]
    for number, one in enumerate(lines):
        assert files.read(file, ALL, one.order, 10) == lines[number + 1 :]
    assert files.read(file, ALL, Key(3_000_001, "", 0), 10) == lines
    assert files.read(file, ALL, Key(3_000_000, "0", 0), 10) == lines[1:]


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        (Filters(caller="ann"), [0]),
        (Filters(account="a"), [0, 2]),
        (Filters(account="a", owner="b"), []),
        (Filters(key="k1"), [1]),
        (Filters(key="wxyz"), [1]),
        (Filters(status="404"), [1]),
        (Filters(status="4xx"), [0, 1]),
        (Filters(call="c2", function="datasets"), [2]),
        (Filters(function="models"), []),
        (Filters(since=2_000_000, until=3_000_000), [1]),
    ],
)
def test_filters(files: LineFiles, workspace: str, filters: Filters, places: list[int]) -> None:
    told = batch([
        line(3, workspace=workspace, caller="ann", account="a", status=429),
        line(2, workspace=workspace, key="k1", last_four="wxyz", status=404),
        line(1, workspace=workspace, account="a", call="c2"),
    ])  # fmt: skip
    lines = kept(told)
    file = file_of(lines, told.id)
    files.write(file, lines)
    assert files.read(file, filters, None, 10) == [lines[place] for place in places]


def test_a_merge_has_each_line_once_and_is_the_same_again(files: LineFiles, workspace: str) -> None:
    one, first = stored(files, workspace, 5, 1, 3)
    other, second = stored(files, workspace, 4, 2, 3)
    merged = files.merge([one, other])
    lines = sorted(first + second, key=lambda line: line.order, reverse=True)
    assert files.read(merged, ALL, None, 10) == lines
    assert (merged.first, merged.last, merged.lines) == (1_000_000, 5_000_000, 6)
    assert files.merge([one, other]) == merged
    again = files.merge([merged, one])
    assert (files.read(again, ALL, None, 10), again.lines) == (lines, 6)


def test_what_was_merged_away_is_not_there(files: LineFiles, workspace: str) -> None:
    one, _ = stored(files, workspace, 1)
    other, _ = stored(files, workspace, 2)
    files.delete(one)
    files.delete(one)
    with pytest.raises(FileNotFoundError):
        files.read(one, ALL, None, 1)
    with pytest.raises(FileNotFoundError):
        files.merge([one, other])


def test_upkeep_begins_once_an_hour(files: LineFiles) -> None:
    now = NOW + HOUR * (int(uuid4()) % 1_000_000)
    files.begin_upkeep(now, HOUR)
    assert not files.begin_upkeep(now + HOUR / 2, HOUR)
    assert files.begin_upkeep(now + HOUR, HOUR)
    assert not files.begin_upkeep(now + HOUR, HOUR)
