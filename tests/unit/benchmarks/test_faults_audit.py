"""The audit of a fault run sees each flaw, and calls nothing clean that proves nothing."""

import argparse
import math
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from benchmarks.faults.__main__ import kinds, within
from benchmarks.faults.caller import Answer, Caller, HungError
from benchmarks.faults.linearizable import Operation
from benchmarks.faults.loads import tables
from benchmarks.faults.loads.edits import Edits, check
from benchmarks.faults.loads.many import ManyRecords
from benchmarks.faults.loads.trainings import Trainings
from benchmarks.faults.tally import MOST_TOLD, Tally, table
from benchmarks.stack import Stack

Handler = Callable[[httpx.Request], httpx.Response]


def changed(called: float, expected: int, value: int, *, lasts: float = 1) -> Operation:
    return Operation("cas", called, called + lasts, value, expected)


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path / "home")


def test_acknowledged_changes_are_counted_unknown_ones_not() -> None:
    tally = Tally("edits")
    check("1", [changed(0, 0, 1), changed(2, 1, 2, lasts=math.inf)], 0, tally)
    assert (tally.acknowledged, tally.clean) == (1, True)


def test_a_lost_update_is_told_with_its_record() -> None:
    tally = Tally("edits")
    check("000007", [changed(0, 0, 1), changed(2, 0, 2)], 0, tally)
    assert tally.lost == 1
    assert "000007" in next(iter(tally.flaws))


@pytest.mark.parametrize(
    ("added", "stored", "found"),
    [
        ({5: True}, {5: 1}, (1, 0, 0)),
        ({5: True}, {}, (1, 1, 0)),
        ({5: True}, {5: 2}, (1, 0, 1)),
        ({5: False}, {}, (0, 0, 0)),
        ({5: False}, {5: 1}, (0, 0, 0)),
        ({5: False}, {5: 2}, (0, 0, 1)),
    ],
)
def test_added_records_are_counted(stack, tmp_path, added, stored, found) -> None:
    edits = Edits(stack, tmp_path, seed=1)
    edits._added = added
    edits._count(Counter(stored))
    assert (edits.tally.acknowledged, edits.tally.lost, edits.tally.doubled) == found


@pytest.mark.parametrize(
    ("state", "versions", "lost", "doubled"),
    [
        ("succeeded", 1, 0, 0),
        ("succeeded", 0, 1, 0),
        ("succeeded", 2, 0, 1),
        ("failed", 1, 0, 1),
        ("failed", 0, 0, 0),
    ],
)
def test_jobs_are_judged_by_their_versions(stack, tmp_path, state, versions, lost, doubled) -> None:
    trainings = Trainings(stack, tmp_path, seed=1)
    job = {"id": "j", "state": state, "failure": "no rows" if state == "failed" else None}
    trainings._judge(job, Counter({"j": versions}))
    assert (trainings.tally.lost, trainings.tally.doubled) == (lost, doubled)


def test_every_row_of_the_known_table_has_another_answer() -> None:
    assert len({tables.target(row) for row in range(tables.ROWS)}) == tables.ROWS


def use(monkeypatch: pytest.MonkeyPatch, handler: Handler) -> None:
    whole = httpx.Client
    transport = httpx.MockTransport(handler)
    monkeypatch.setattr(httpx, "Client", lambda **options: whole(transport=transport, **options))


def asked(monkeypatch: pytest.MonkeyPatch, tally: Tally, handler: Handler) -> Answer:
    """Return what a caller makes of what `handler` answers, or raises."""
    use(monkeypatch, handler)
    return Caller("http://mayfly", "key", tally, expected=(412,)).ask("GET", "/")


@pytest.mark.parametrize(
    ("status", "wrong", "leaves_open"),
    [(200, 0, False), (412, 0, False), (404, 1, False), (500, 1, True), (503, 0, True)],
)
def test_a_caller_tells_not_now_from_wrong(monkeypatch, status, wrong, leaves_open) -> None:
    tally = Tally("load")
    answer = asked(monkeypatch, tally, lambda _: httpx.Response(status))
    assert (tally.wrong, answer.open) == (wrong, leaves_open)


@pytest.mark.parametrize(("error", "hung"), [(httpx.ReadTimeout, 1), (httpx.ConnectError, 0)])
def test_silence_is_a_hang_and_a_broken_connection_is_not(monkeypatch, error, hung) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error("away")

    tally = Tally("load")
    assert asked(monkeypatch, tally, fail).open
    assert (tally.hung, tally.wrong) == (hung, 0)


@pytest.mark.parametrize(
    ("stored", "lost", "doubled"),
    [
        ("1,5\n2,6\n", 0, 0),
        ("1,5\n", 1, 0),
        ("1,5\n2,6\n2,6\n", 0, 1),
        ("1,5\n2,7\n", 1, 1),  # an old value
    ],
)
def test_a_table_is_compared_row_by_row(
    monkeypatch, stack, tmp_path, stored, lost, doubled
) -> None:
    use(monkeypatch, lambda _: httpx.Response(200, text=f"number,value\n{stored}"))
    records = ManyRecords(stack, tmp_path, seed=1)
    records._past = [{1: 5, 2: 6}]
    records._compare(Caller("http://mayfly", "key", records.tally), "upsert")
    assert (records.tally.lost, records.tally.doubled) == (lost, doubled)


def test_an_audit_s_patience_ends(monkeypatch) -> None:
    tally, began = Tally("load"), time.monotonic()
    use(monkeypatch, lambda _: httpx.Response(503))
    caller = Caller("http://mayfly", "key", tally, end=began + 0.3)
    with pytest.raises(HungError, match="GET /jobs/#: still 503"):
        caller.until(lambda answer: answer.good, "GET", "/jobs/12")
    with pytest.raises(HungError, match="GET /jobs/#: no answer"):
        caller.text("/jobs/13")
    assert 0.3 <= time.monotonic() - began < 30


def test_the_table_has_a_line_a_load_and_tells_the_flaws() -> None:
    tally, idle = Tally("imports", acknowledged=12), Tally("pages")
    for number in range(MOST_TOLD + 2):
        tally.blame("lost", f"table-{number}")
    lines = table([tally, idle]).splitlines()
    assert lines[1].split() == ["imports", "12", str(MOST_TOLD + 2), "0", "0", "0"]
    assert "imports: 1 x lost: table-0" in lines
    assert "imports: and 2 other flaws" in lines
    assert "pages: nothing was acknowledged, so nothing is proven" in lines
    assert not tally.clean
    assert not idle.clean


@pytest.mark.parametrize("text", ["4", "3601", "-5", "1e1", "9" * 5_000, ""])
def test_a_length_that_cannot_be_is_refused(text) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="give a number from 5 to 3600"):
        within(5, 3600)(text)


def test_a_kind_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(
        argparse.ArgumentTypeError, match="kil: no kind of fault; there are kill, stop"
    ):
        kinds("kil,stop")
