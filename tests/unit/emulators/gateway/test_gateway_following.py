"""A function's log is read and followed in one way: each line once, whoever asks."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from emulators.gateway.service.following import Selection, follow, kept
from emulators.gateway.service.logs import LogFile


class BusyLog(LogFile):
    """A log whose replica writes a line just before it is read."""

    def read(self):
        self.write("r1", [b"meanwhile"])
        return super().read()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[LogFile]:
    with closing(LogFile(tmp_path / "f.log")) as made:
        yield made


def texts(file: LogFile, wanted: Selection) -> list[str]:
    return [line.text for line in asyncio.run(kept(file, wanted))]


async def followed(
    file: LogFile, wanted: Selection, goes_on: Callable[[], bool], then: Callable[[], None]
) -> list[str]:
    """Follow to the end; `then` happens once the lines that are there were told."""
    found: list[str] = []
    async with asyncio.timeout(10), aclosing(follow(file, wanted, goes_on)) as pieces:
        async for lines in pieces:
            if not found:
                then()
            found += [line.text for line in lines]
    return found


def test_what_is_there_is_chosen_by_replica_time_and_number(file: LogFile) -> None:
    file.write("r1", [b"one", b"two"])
    file.write("r2", [b"three"])
    assert texts(file, Selection()) == ["one", "two", "three"]
    assert texts(file, Selection("r1")) == ["one", "two"]
    assert texts(file, Selection(tail=1)) == ["three"]
    assert texts(file, Selection("r1", tail=1)) == ["two"]
    assert texts(file, Selection(tail=0)) == []
    assert texts(file, Selection(since="9999-01-01T00:00:00.000Z")) == []


def test_a_line_written_while_the_file_is_read_is_told_once(tmp_path: Path) -> None:
    with closing(BusyLog(tmp_path / "f.log")) as busy:
        busy.write("r1", [b"before"])
        told = asyncio.run(
            followed(busy, Selection(), lambda: False, lambda: busy.write("r1", [b"after"]))
        )
    assert told == ["before", "meanwhile", "after"]


def test_what_was_written_before_the_end_is_told(file: LogFile) -> None:
    file.write("r1", [b"before"])
    alive = True

    def last_words() -> None:
        nonlocal alive
        file.write("r2", [b"of another"])
        file.write("r1", [b"last", b"words"])
        alive = False

    told = asyncio.run(followed(file, Selection("r1"), lambda: alive, last_words))
    assert told == ["before", "last", "words"]


def test_a_follower_that_leaves_listens_no_more(file: LogFile) -> None:
    async def story() -> None:
        file.write("r1", [b"one"])
        async with aclosing(follow(file, Selection(), lambda: True)) as pieces:
            await anext(pieces)
            assert len(file._listeners) == 1
        assert len(file._listeners) == 0

    asyncio.run(story())
