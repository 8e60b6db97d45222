"""The log of requests: batches, repetitions, bounds, and the end; over real threads."""

import os
import threading
import time
from collections.abc import Callable

import pytest

from functions.kit.contract.errors import Away, Invalid, NoRoom
from functions.kit.contract.telemetry.activity import MOST_LINES, Batch, Note
from functions.kit.service.activity_log import CLOSE_WITHIN, ActivityLog
from tests.support.processes import wait_until

SOON = 0.01
LATE = 60.0  # seconds that no test waits for


class Keeper:
    """Takes batches, once it does not refuse them."""

    def __init__(self, *refusals: Exception) -> None:
        self.told: list[Batch] = []
        self.aside: list[list[Batch]] = []
        self.tried: list[str] = []
        self._refusals = list(refusals)

    def send(self, batch: Batch, within: float) -> None:
        assert within > 0
        self.tried.append(batch.id)
        if self._refusals:
            raise self._refusals.pop(0)
        self.told.append(batch)

    def put_aside(self, batches: list[Batch]) -> None:
        self.aside.append(batches)

    @property
    def paths(self) -> list[str]:
        return [line.path for batch in self.told for line in batch.lines]

    @property
    def paths_aside(self) -> list[str]:
        return [line.path for some in self.aside for batch in some for line in batch.lines]

    @property
    def all_paths(self) -> list[str]:
        return self.paths + self.paths_aside


def note(path: str = "/x") -> Note:
    return (1.5, "GET", "/{x}", path, 200, 0.25, None, "c", None, "")


def noted(log: ActivityLog, count: int) -> list[str]:
    paths = [f"/{number}" for number in range(count)]
    for path in paths:
        log.note(note(path))
    return paths


def test_lines_come_in_a_batch_after_a_pause() -> None:
    keeper = Keeper()
    log = ActivityLog(keeper.send, keeper.put_aside, pause=SOON)
    paths = noted(log, 3)
    wait_until(lambda: keeper.paths == paths, what="the lines")
    (line, *_) = keeper.told[0].lines
    assert (line.at, line.elapsed, line.caller, line.kind) == (
        1_500_000,
        250_000,
        "anyone",
        "anyone",
    )
    noted(log, 2)
    wait_until(lambda: keeper.paths == [*paths, "/0", "/1"], what="later lines")
    log.close()


def test_a_full_batch_does_not_wait() -> None:
    keeper = Keeper()
    log = ActivityLog(keeper.send, keeper.put_aside, pause=LATE)
    paths = noted(log, MOST_LINES + 1)
    wait_until(lambda: keeper.paths == paths[:MOST_LINES], what="a batch")
    log.close()
    assert keeper.all_paths == paths


def test_a_batch_that_was_not_taken_comes_again_as_it_was() -> None:
    keeper = Keeper(Away("away"), Away("away"))
    log = ActivityLog(keeper.send, keeper.put_aside, pause=SOON, first_wait=SOON)
    paths = noted(log, 2)
    wait_until(lambda: keeper.paths == paths, what="the lines")
    assert len(keeper.tried) == 3
    assert set(keeper.tried) == {keeper.told[0].id}
    log.close()


@pytest.mark.parametrize("refusal", [Invalid("no"), RuntimeError("a fault")])
def test_what_is_refused_for_good_is_counted_and_the_next_goes_on(refusal: Exception) -> None:
    keeper = Keeper(refusal)
    log = ActivityLog(keeper.send, keeper.put_aside, pause=SOON)
    noted(log, 2)
    wait_until(lambda: len(keeper.tried) == 1, what="the refusal")
    log.note(note("/next"))
    wait_until(lambda: keeper.paths == ["/next"], what="the next line")
    assert keeper.told[0].lost == 2
    log.close()


def test_what_is_too_much_is_counted_and_told_as_a_number() -> None:
    held = threading.Event()
    keeper = Keeper()

    def send(batch: Batch, within: float) -> None:
        held.wait(LATE)
        keeper.send(batch, within)

    log = ActivityLog(send, keeper.put_aside, pause=SOON, most=5)
    log.note(note("/first"))
    wait_until(lambda: not log._notes, what="the first batch on its way")
    noted(log, 8)
    held.set()
    wait_until(lambda: len(keeper.paths) == 6, what="the rest")
    log.close()
    assert keeper.paths == ["/first", "/0", "/1", "/2", "/3", "/4"]
    assert sum(batch.lost for batch in keeper.told) == 3


class TestTheEnd:
    def test_the_rest_is_put_aside_and_nobody_is_called(self) -> None:
        keeper = Keeper()
        log = ActivityLog(keeper.send, keeper.put_aside, pause=LATE)
        paths = noted(log, MOST_LINES + 7)
        wait_until(lambda: len(keeper.told) == 1, what="the full batch")
        log.close()
        assert (keeper.paths, keeper.paths_aside) == (paths[:MOST_LINES], paths[MOST_LINES:])

    def test_a_batch_on_its_way_is_put_aside_under_its_id(self) -> None:
        keeper, goes_on = Keeper(), threading.Event()

        def send(batch: Batch, within: float) -> None:
            keeper.send(batch, within)
            goes_on.wait(LATE)

        log = ActivityLog(send, keeper.put_aside, pause=SOON)
        log.note(note("/sent"))
        wait_until(lambda: keeper.told != [], what="a batch on its way")
        log.note(note("/after"))
        began = time.monotonic()
        log.close()
        assert time.monotonic() - began < CLOSE_WITHIN / 2
        assert keeper.paths_aside == ["/sent", "/after"]
        assert keeper.aside[0][0] == keeper.told[0]
        goes_on.set()

    def test_one_that_was_not_taken_is_put_aside(self) -> None:
        keeper = Keeper(Away("away"))
        log = ActivityLog(keeper.send, keeper.put_aside, pause=SOON, first_wait=LATE)
        paths = noted(log, 2)
        wait_until(lambda: len(keeper.tried) == 1, what="a try")
        log.close()
        assert (keeper.paths_aside, keeper.told) == (paths, [])

    def test_it_comes_in_time_where_the_bucket_does_not_answer(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        goes_on = threading.Event()

        def hang(batches: list[Batch]) -> None:
            goes_on.wait(LATE)

        log = ActivityLog(Keeper().send, hang, pause=LATE)
        noted(log, 7)
        began = time.monotonic()
        log.close(within=0.2)
        assert time.monotonic() - began < 2
        assert "lines lost at the end" in capsys.readouterr().out
        goes_on.set()


def test_what_waits_for_too_long_is_put_aside() -> None:
    keeper = Keeper(*[Away("away")] * 3)
    log = ActivityLog(keeper.send, keeper.put_aside, pause=SOON, most=20, first_wait=LATE)
    log.note(note("/first"))
    wait_until(lambda: len(keeper.tried) == 1, what="a try")
    paths = noted(log, 10)
    wait_until(lambda: keeper.paths_aside == ["/first", *paths], what="the way aside")
    log.close()
    assert keeper.told == []


def test_what_cannot_be_put_aside_is_told_later() -> None:
    keeper = Keeper(*[Away("away")] * 3)

    def full(batches: list[Batch]) -> None:
        raise NoRoom("full")

    log = ActivityLog(keeper.send, full, pause=SOON, most=20, first_wait=SOON)
    paths = noted(log, 15)
    wait_until(lambda: keeper.paths == paths, what="the lines")
    log.close()


def test_an_end_without_lines_waits_for_nothing() -> None:
    ActivityLog(Keeper().send, Keeper().put_aside).close()


def test_lines_of_many_threads_come_once_each() -> None:
    keeper = Keeper(*[Away("away")] * 3)
    log = ActivityLog(keeper.send, keeper.put_aside, pause=SOON, first_wait=SOON)
    threads = [threading.Thread(target=each_of(log, number)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    log.close()
    assert sorted(keeper.all_paths) == sorted(
        f"/{one}/{two}" for one in range(8) for two in range(400)
    )


def each_of(log: ActivityLog, number: int) -> Callable[[], None]:
    def note_all() -> None:
        for line in range(400):
            log.note(note(f"/{number}/{line}"))

    return note_all


def test_a_fork_tells_its_own_lines_alone() -> None:
    keeper = Keeper()
    log = ActivityLog(keeper.send, keeper.put_aside, pause=LATE)
    log.note(note("/parent"))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        log.note(note("/child"))
        log.close()
        os.write(write, ",".join(keeper.all_paths).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"/child"
    os.close(read)
    os.close(write)
    log.close()
    assert keeper.all_paths == ["/parent"]
