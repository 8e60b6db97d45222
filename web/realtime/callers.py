"""Who has connections open: bounded, and asked about every other second."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import gevent
import structlog

from web.client import credentials
from web.client.account_schemas import Me
from web.client.credentials import Credential
from web.client.errors import Away, Failure, SignedOut
from web.client.transport.relay import Answered
from web.realtime.closing import Closed, Code
from web.realtime.limits import Limits

log = structlog.get_logger("web")

PLAIN = re.compile(r"[!-~]{1,1000}")
TRIES = 5
"""Times that an account is asked for before its caller is sent away: it may be starting."""


class Standing:
    """Whether a credential still counts; all its connections share one.

    Attributes:
        me: whose it is.
        over: why it does not count any more.
        lines: connections that are open with it.
    """

    def __init__(self, me: Me) -> None:
        self.me = me
        self.over: Closed | None = None
        self.lines = 0

    def check(self) -> None:
        """Raise Closed once it does not count."""
        if self.over is not None:
            raise self.over

    def heed(self, found: Answered) -> Answered:
        """Return an answer to a call that was made with it; a 401 ends it before the next look."""
        if found.status_code == HTTPStatus.UNAUTHORIZED:
            self.over = ended()
        return found


class Callers:
    """Counts connections, and looks after their credentials.

    Args:
        ask: tells who calls, by the credential in use.
        limits: of connections.
    """

    def __init__(self, ask: Callable[[], Me], limits: Limits) -> None:
        self._ask = ask
        self._limits = limits
        self._standings: dict[Credential, Standing] = {}
        self._lines: Counter[str] = Counter()
        self._strangers = 0

    @contextmanager
    def stranger(self) -> Iterator[None]:
        """Count a connection whose caller is not known yet; raises Closed where they are many."""
        self._check_room()
        if self._strangers >= self._limits.strangers:
            raise busy()
        self._strangers += 1
        try:
            yield
        finally:
            self._strangers -= 1

    @contextmanager
    def admitted(self, credential: Credential) -> Iterator[Standing]:
        """Count a connection of a caller, and tell whether that still counts while it is open.

        Raises:
            Closed: it does not, it has too many, or nobody can tell.
        """
        if not PLAIN.fullmatch(credential.token + credential.workspace):
            raise unknown()  # it would be another field of the calls, or several
        standing = self._standings.get(credential) or self._known(credential)
        standing.check()
        self._check_room()
        account = standing.me.account
        if self._lines[account] >= self._limits.each:
            raise Closed(Code.TOO_MANY, f"You have {self._limits.each} connections; close one.")
        self._lines[account] += 1
        standing.lines += 1
        try:
            yield standing
        finally:
            standing.lines -= 1
            self._lines[account] -= 1
            self._lines += Counter()  # without those that have none left

    def _check_room(self) -> None:
        if self._lines.total() + self._strangers >= self._limits.everybody:
            raise busy()

    def _known(self, credential: Credential) -> Standing:
        """Ask whose a credential is, and have it looked after."""
        me = self._told(credential)
        if credential not in self._standings:  # another connection may have asked meanwhile
            self._standings[credential] = Standing(me)
            gevent.spawn(self._look_after, credential)
        return self._standings[credential]

    def _told(self, credential: Credential) -> Me:
        for left in reversed(range(TRIES)):
            try:
                with credentials.using(credential):
                    return self._ask()
            except SignedOut as error:
                raise unknown() from error
            except Away as error:
                if not left:
                    raise busy() from error
            except Failure as error:
                raise Closed(Code.FORBIDDEN, error.detail[:100]) from error
        raise AssertionError("the last of the tries ends it")

    def _look_after(self, credential: Credential) -> None:
        """Ask again and again, for as long as a connection is open with it."""
        standing = self._standings[credential]
        while standing.over is None:
            gevent.sleep(self._limits.look)
            if not standing.lines:
                break
            standing.over = standing.over or self._end(credential)
        del self._standings[credential]

    def _end(self, credential: Credential) -> Closed | None:
        """Return why a credential does not count any more; None where it does, or nobody knows."""
        try:
            with credentials.using(credential):
                self._ask()
        except SignedOut:
            return ended()
        except Away:
            return None
        except Failure as error:
            return Closed(Code.FORBIDDEN, error.detail[:100])
        except Exception:  # the next look is there all the same
            log.exception("unexpected error")
        return None


def unknown() -> Closed:
    """Return how a connection ends whose caller nobody knows."""
    return Closed(Code.UNKNOWN_CALLER, "This key or session is not known.")


def ended() -> Closed:
    """Return how a connection ends whose caller has been known until now."""
    return Closed(Code.UNKNOWN_CALLER, "This key or session has ended.")


def busy() -> Closed:
    """Return how a connection ends for which there is no room."""
    return Closed(Code.BUSY, "There is no room at the moment; try again in a while.")
