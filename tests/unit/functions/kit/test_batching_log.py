"""A log whose notes make several lines each: batches and bounds count lines."""

import pytest

from functions.kit.contract.errors import Away
from functions.kit.service.batching_log import BatchingLog, Bounds, Work
from tests.support.processes import wait_until

LATE = 60.0


class Keeper:
    """Takes batches of numbers, each of which is so many lines."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.told: list[tuple[list[int], int]] = []
        self.aside: list[tuple[list[int], int]] = []
        self.is_away = is_away

    def log(
        self, most: int, batch: int, pause: float = LATE
    ) -> BatchingLog[int, tuple[list[int], int]]:
        work: Work[int, tuple[list[int], int]] = Work(
            "numbers", lambda notes, lost: (notes, lost), self._send, self.aside.extend, int
        )
        return BatchingLog(work, Bounds(most, batch, pause, LATE))

    def _send(self, batch: tuple[list[int], int], within: float) -> None:
        if self.is_away:
            raise Away("not now")
        self.told.append(batch)


def test_a_batch_is_full_by_its_lines_and_parts_no_note() -> None:
    keeper = Keeper()
    log = keeper.log(most=100, batch=10)
    for lines in (4, 4, 4, 1):
        log.note(lines, lines)
    wait_until(lambda: bool(keeper.told), what="a batch")
    log.close()
    assert keeper.told == [([4, 4, 4], 0)]
    assert keeper.aside == [([1], 0)]


def test_what_is_too_much_by_its_lines_is_counted_and_told() -> None:
    keeper = Keeper()
    log = keeper.log(most=10, batch=1000)
    for lines in (6, 5, 4, 1):
        log.note(lines, lines)
    log.close()
    assert keeper.aside == [([6, 4], 6)]


def test_many_lines_go_aside_in_batches_where_nobody_takes_them() -> None:
    keeper = Keeper(is_away=True)
    log = keeper.log(most=40, batch=10, pause=0.0)
    log.note(1)
    wait_until(lambda: len(log._held) == 1, what="a batch that is not taken")
    for _ in range(5):
        log.note(5, 5)
    wait_until(lambda: sum(map(sum, (notes for notes, _ in keeper.aside))) == 26, what="all of it")
    assert [notes for notes, _ in keeper.aside] == [[1], [5, 5], [5, 5], [5]]
    log.close()
    assert log._waiting() == 0


@pytest.mark.parametrize("lines", [1, 50])
def test_lines_leave_with_their_notes(lines: int) -> None:
    keeper = Keeper()
    log = keeper.log(most=1000, batch=100, pause=0.0)
    for _ in range(20):
        log.note(lines, lines)
    wait_until(lambda: sum(len(notes) for notes, _ in keeper.told) == 20, what="all")
    assert log._waiting() == 0
    log.close()
