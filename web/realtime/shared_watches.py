"""One watch of a training for all who look at it.

Each watch is a call that lasts: it takes a place in the function, and reads the training some
times a second. A hundred people at one board need one of them, not a hundred. Everybody is asked
about on their own, to begin with and again while it lasts; what they then see is the same.
"""

import contextvars
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing

from web.client import credentials
from web.client.errors import Away, Failure, SignedOut
from web.client.schemas import Job

LOOK = 10.0  # seconds between two looks whether a reader still may, and without a sign of life

Open = Callable[[str], Generator[Job | None, None, None]]
Key = tuple[str, str]
"""A workspace, and a training's id."""


class _Room:
    """Those who look at one training, and what there is to see."""

    def __init__(self) -> None:
        self.news = threading.Condition()
        self.number = 0
        self.job: Job | None = None
        self.viewers = 0
        self.over = False
        self.failure: Failure | None = None

    def show(self, job: Job | None) -> bool:
        """Show a change, if it is one; return whether anybody looks."""
        with self.news:
            if job is not None:
                self.job = job
                self.number += 1
                self.news.notify_all()
            self.over = self.over or not self.viewers
            return not self.over

    def end(self, failure: Failure | None) -> None:
        """Let those who look go, each with the failure, if there was one."""
        with self.news:
            self.over, self.failure = True, failure
            self.news.notify_all()

    def after(self, seen: int) -> tuple[int, Job | None]:
        """Return the newest change behind number `seen`, once there is one; None for no news."""
        with self.news:
            self.news.wait_for(lambda: self.number > seen or self.over, LOOK)
            if self.number > seen:
                return self.number, self.job
            if self.failure is not None:
                raise self.failure
            return seen, None


class SharedWatches:
    """Lets many look at the same trainings by one call for each.

    Args:
        get: reads a training in the name of the current credential.
        watch: opens a call that gives each change of one, and None for signs of life.
        ask: asks whether the current credential still counts; raises SignedOut, Failure.
    """

    def __init__(self, get: Callable[[str], Job], watch: Open, ask: Callable[[], object]) -> None:
        self._get = get
        self._watch = watch
        self._ask = ask
        self._lock = threading.Lock()
        self._rooms: dict[Key, _Room] = {}

    def of(self, job: str) -> Generator[Job | None, None, None]:
        """Yield a training as it is, then each change, and None for each sign of life between.

        It ends with the training, with the reader's right, and with the call that is shared: who
        still wants to look asks again.

        Raises:
            Failure: it cannot be seen, or not any more.
            SignedOut: to begin with, the session has ended.
        """
        first = self._get(job)
        yield first
        if not first.live:
            return
        room = self._join(job)
        try:
            yield from self._follow(room, first)
        finally:
            with room.news:
                room.viewers -= 1

    def _follow(self, room: _Room, last: Job) -> Generator[Job | None, None, None]:
        seen, look = 0, time.monotonic() + LOOK
        while True:
            number, job = room.after(seen)
            if job is None and room.over:
                return
            if time.monotonic() > look:
                if not self._still_counts():
                    return
                look = time.monotonic() + LOOK
            if job is None:
                yield None
            elif job != last:
                last = job
                yield job
            seen = number

    def _still_counts(self) -> bool:
        try:
            self._ask()
        except SignedOut:
            return False
        except Away:
            return True  # nobody knows
        except Failure:
            return False
        return True

    def _join(self, job: str) -> _Room:
        """Return the room of a training, with one more who looks; its call is begun if need be."""
        known = credentials.current()
        key = (known.workspace if known else "", job)
        with self._lock:
            room = self._rooms.get(key)
            if room is not None and _enter(room):
                return room
            room = self._rooms[key] = _Room()
            room.viewers = 1
        context = contextvars.copy_context()
        threading.Thread(
            target=context.run, args=(self._pump, key, room), daemon=True, name=f"watch {job}"
        ).start()
        return room

    def _pump(self, key: Key, room: _Room) -> None:
        """Show each change to the room until nobody looks, or nothing comes any more."""
        failure: Failure | None = None
        try:
            with closing(self._watch(key[1])) as changes:
                for found in changes:
                    if not room.show(found):
                        return
        except Failure as error:
            failure = error
        except SignedOut:
            failure = None  # of the one in whose name it was; the others ask in theirs
        finally:
            with self._lock:
                if self._rooms.get(key) is room:
                    del self._rooms[key]
            room.end(failure)


def _enter(room: _Room) -> bool:
    with room.news:
        if room.over:
            return False
        room.viewers += 1
        return True
