"""Who calls is asked before anything of a message is taken in; and calls and bytes have bounds.

gRPC takes a message in once it is asked for; until then a call holds no more of it than HTTP/2's
window (64 KiB, at first). So one without a credential costs no more than its head.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from functions.kit.contract.access.api_key import digest
from functions.kit.contract.access.identity import Caller
from functions.kit.grpc.calls import GrpcCall
from functions.kit.grpc.room import Room
from functions.kit.grpc.visits import Visit
from functions.kit.http import metrics
from functions.kit.http.requests import auth
from functions.kit.http.responses.failures import problem_for
from functions.kit.http.responses.problems import Problem

MOST_CALLS = 1000
"""Calls at once, streams among them: as many as the gateway gives to a replica by HTTP."""
MOST_OF_ONE = 500
"""Of one account: half, so that nobody takes all of them."""
MESSAGES = 48
"""Largest messages for whose bytes there is room at once; an account has half of it."""
PIECES = 8
"""As MESSAGES, for pieces of uploads: these may come slowly, and hold up no other calls."""
PART = 2
MOST_ASKED = 64
"""Credentials that are looked up at once; more than a few are guesses."""
KNOWN_FOR = 30.0
"""Seconds for which a credential opens the door to a message; what it may, is asked each time."""
MOST_KNOWN = 10_000
WAIT = {"Retry-After": "1"}


class Gate:
    """Lets calls in by what their metadata shows.

    For the event loop's thread alone.

    Args:
        recognise: tells who makes a call; may block; raises Problem, IdentitiesAway.
        most_bytes: of a message.
    """

    def __init__(self, recognise: Callable[[GrpcCall], Caller], most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._recognise = recognise
        self._messages = Room(MESSAGES * most_bytes, MESSAGES // PART * most_bytes)
        self._pieces = Room(PIECES * most_bytes, PIECES // PART * most_bytes)
        self._known: dict[str, tuple[str, float]] = {}  # who, and until when
        self._asked: dict[str, asyncio.Future[Caller]] = {}
        self._open: dict[str, int] = {}
        self._all = 0
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="gate")

    async def enter(self, call: GrpcCall, *, streams: bool = False) -> Visit:
        """Return the visit of whoever makes a call; its messages come as a stream, or are one.

        Raises:
            Problem: 401 or 403, nobody that we know, or of the wrong kind; 429, there are as many
                calls as there may be; what else recognising raises, as the caller may know it.
        """
        began = time.perf_counter()
        try:
            who = await self._who(call)
            self._count(who)
        except Exception as error:  # noqa: BLE001 - one place for errors, as in handlers
            problem = problem_for(error, call, step=False)
            metrics.observe(call.path, problem.status, time.perf_counter() - began)
            raise problem from (None if problem is error else error)
        room = self._pieces if streams else self._messages
        return Visit(who, room, self.most_bytes, self._leave)

    def _leave(self, who: str) -> None:
        """Let a caller's call be over."""
        self._all -= 1
        left = self._open[who] - 1
        if left:
            self._open[who] = left
        else:
            del self._open[who]

    def close(self) -> None:
        """Look up no more."""
        self._threads.shutdown(cancel_futures=True)

    async def _who(self, call: GrpcCall) -> str:
        credential = auth.shown(call.environ)
        if not credential:
            return _name(self._recognise(call))  # or rather why not: there is nothing to look up
        name = digest(credential)
        known = self._known.get(name)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        return await self._look_up(name, call)

    async def _look_up(self, name: str, call: GrpcCall) -> str:
        """Ask whose a credential is: once at a time, whoever shows it meanwhile."""
        asked = self._asked.get(name)
        if asked is None:
            if len(self._asked) >= MOST_ASKED:
                raise Problem(429, "Too many keys are being looked up; try again.", headers=WAIT)
            loop = asyncio.get_running_loop()
            asked = loop.run_in_executor(self._threads, self._recognise, call)
            self._asked[name] = asked
            asked.add_done_callback(lambda found: self._heard(name, found))
        return _name(await asyncio.shield(asked))

    def _heard(self, name: str, found: asyncio.Future[Caller]) -> None:
        del self._asked[name]
        if not found.cancelled() and found.exception() is None:
            self._known.pop(name, None)
            while len(self._known) >= MOST_KNOWN:  # those that were asked for longest ago leave
                del self._known[next(iter(self._known))]
            self._known[name] = _name(found.result()), time.monotonic() + KNOWN_FOR

    def _count(self, who: str) -> None:
        if self._all >= MOST_CALLS:
            detail = f"{MOST_CALLS:,} calls are open here, which is the most; try again."
            raise Problem(429, detail, headers=WAIT)
        count = self._open.get(who, 0)
        if count >= MOST_OF_ONE:
            detail = f"Your account has {count:,} calls open here, which is the most; end one."
            raise Problem(429, detail, headers=WAIT)
        self._all += 1
        self._open[who] = count + 1


def _name(caller: Caller) -> str:
    return caller.account or caller.name
