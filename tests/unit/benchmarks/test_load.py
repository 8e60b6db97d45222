"""Loads by mixed users: their shapes, and what is told of what Locust wrote."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.load import records, report
from benchmarks.load.__main__ import PAGE, recorded
from benchmarks.load.shapes import NAMES, STAIRS, users_at

ROOT = Path(__file__).parents[3]
LATENCIES = "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%"
STATS = f"""Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,\
Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,{LATENCIES}
POST,predict one row,300,3,4.0,5.1,2.0,80.2,120.0,30.04,0.3,4,5,5,6,9,20,40,60,80,80,80
GET,page /,0,0,0,0,0,0,0,0.0,0.0,{",".join(["N/A"] * 11)}
,Aggregated,300,3,4.0,5.1,2.0,80.2,120.0,30.04,0.3,4,5,5,6,9,20,40,60,80,80,80
"""
HISTORY = f"""Timestamp,User Count,Type,Name,Requests/s,Failures/s,{LATENCIES},Total Request Count
100,2,,Aggregated,0.0,0.0,{",".join(["N/A"] * 11)},0
101,5,,Aggregated,10.0,0.0,4,5,5,6,9,20,40,60,80,80,80,10
120,5,,Aggregated,30.0,1.0,8,5,5,6,9,50,40,90,80,80,80,300
"""


@pytest.fixture
def written(tmp_path):
    """What Locust wrote with --csv."""
    (tmp_path / "x_stats.csv").write_text(STATS)
    (tmp_path / "x_stats_history.csv").write_text(HISTORY)
    return tmp_path / "x"


@pytest.mark.parametrize("shape", NAMES)
@pytest.mark.parametrize("most", [1, 7, 40])
def test_a_shape_has_somebody_from_the_first_second_all_of_them_at_last_and_an_end(shape, most):
    users = [users_at(shape, now, 100, most) or 0 for now in range(100)]

    assert users_at(shape, 100, 100, most) is None
    assert min(users) >= 1
    assert max(users) == users[-1] == most
    assert users == sorted(users)


def test_a_ramp_has_stairs_and_a_soak_is_at_its_height_nearly_all_the_time():
    ramp = {users_at("ramp", now / 10, 100, 40) for now in range(1000)}
    soak = [users_at("soak", now, 100, 40) or 0 for now in range(100)]

    assert ramp == {40 * stair // STAIRS for stair in range(1, STAIRS + 1)}
    assert soak.count(40) >= 90
    assert soak[0] < 5


def test_what_locust_wrote_is_read(written):
    found = records.read(written, "ramp", 1.5)

    assert (found.users, found.seconds, found.shape, found.busy) == (5, 20, "ramp", 1.5)
    assert [row.name for row in found.rows] == ["page /", "predict one row"]
    assert found.total == records.Row("Aggregated", 300, 3, 30.04, 4, 20, 60, 80)
    assert found.moments[0] == records.Moment(0, 2, 0, 0, 0, 0, 0)


def test_a_report_tells_what_failed_and_whether_it_became_slower(written):
    text = report.section(records.read(written, "ramp", 1.5), "x.svg")

    line = "| **all** | 300 | 30.0 | 1.00 % | 4.00 | 20.0 | 60.0 | 80.0 |"
    assert line in text.splitlines()
    assert "With all 5 users there, p95 was 20.0 ms at first and 50.0 ms in the end" in text
    assert "![Users, requests a second and latency over time](x.svg)" in text


def test_the_command_makes_markdown_and_a_picture(written, tmp_path):
    command = [sys.executable, "-m", "benchmarks.load.report", written, "--to", tmp_path / "r.md"]
    subprocess.run(list(map(str, command)), cwd=ROOT, check=True, capture_output=True)

    assert "## Steady: 5 users in 20 seconds" in (tmp_path / "r.md").read_text()
    assert "<svg" in (tmp_path / "r.svg").read_text()


def test_where_locust_wrote_nothing_that_is_told_with_the_remedy(tmp_path):
    with pytest.raises(SystemExit, match=r"none_stats\.csv is not there: have Locust write it"):
        records.read(tmp_path / "none", "ramp", 1.0)


def test_the_page_is_what_the_command_makes_of_what_is_recorded(tmp_path):
    command = [sys.executable, "-m", "benchmarks.load", "page", "--to", str(tmp_path / "load.md")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    assert (tmp_path / "load.md").read_text() == PAGE.read_text()
    pictures = [Path("images") / f"load-{record.shape}.svg" for record in recorded()]
    assert pictures
    for picture in pictures:
        assert (tmp_path / picture).read_text() == (PAGE.parent / picture).read_text()
