"""Questions of one caller, many at a time, and an answer to each: by whichever transport."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

import structlog
from gevent.pool import Pool

from web.client.transport.relay import Answered
from web.realtime import messages
from web.realtime.closing import Closed, Code, Finished, Gone
from web.realtime.limits import Limits
from web.realtime.messages import Question, Refused

log = structlog.get_logger("web")

Ask = Callable[[Question], Answered]


class Messages(Protocol):
    """Where messages come from, and go to."""

    def receive(self) -> bytes | None:
        """Return the next message, or None after a tick without one; raises Closed or Gone."""

    def send(self, text: bytes) -> None:
        """Send a message; raises Gone."""


class Conversation:
    """What is asked on one connection.

    Args:
        line: the connection.
        ask: makes a call in the caller's name.
        check: raises Closed where the caller does not count any more, or this server stops.
        limits: of questions and of time.
    """

    def __init__(self, line: Messages, ask: Ask, check: Callable[[], None], limits: Limits) -> None:
        self._line = line
        self._ask = ask
        self._check = check
        self._limits = limits
        self._under_way = Pool(limits.in_flight)
        self._ids: set[messages.Id] = set()
        self._lanes: dict[str, Question | None] = {}
        self._last = time.monotonic()

    def hold(self) -> None:
        """Answer until it is over, or all is answered that was asked.

        Raises:
            Closed: why it is to be closed; what was asked before has its answers.
            Gone: the other side is not there any more.
        """
        try:
            while True:
                self._check()
                if self._has_room():
                    self._listen()
        except Finished:
            self._under_way.join()
        except Closed:
            self._under_way.join(self._limits.grace)
            raise

    def _has_room(self) -> bool:
        """Wait for a tick at most until another question may be read."""
        self._under_way.wait_available(self._limits.tick)
        return not self._under_way.full()

    def _listen(self) -> None:
        text = self._line.receive()
        if text is not None:
            self._take(text)
        elif not self._ids and time.monotonic() - self._last >= self._limits.idle:
            raise Closed(Code.TOO_LATE, f"Nothing was asked for {self._limits.idle:g} s.")

    def _take(self, text: bytes) -> None:
        """Have a question answered, or say what is wrong with it."""
        try:
            question = messages.question(text)
        except Refused as error:
            self._refuse(error.id, HTTPStatus.BAD_REQUEST, error.detail)
            return
        if question.id in self._ids:
            raise Closed(Code.SAME_ID, f"The id {question.id!r} is in use."[:100])
        self._ids.add(question.id)
        if question.replaces and question.path in self._lanes:
            self._replace(question)
            return
        if question.replaces:
            self._lanes[question.path] = None
        self._under_way.spawn(self._answer, question)

    def _replace(self, question: Question) -> None:
        """Let a question wait for the one before it, in place of what waited until now."""
        former = self._lanes[question.path]
        self._lanes[question.path] = question
        if former is not None:
            self._ids.discard(former.id)
            detail = f"The question {question.id!r} came before it was asked."
            self._refuse(former.id, HTTPStatus.CONFLICT, detail)

    def _answer(self, question: Question | None) -> None:
        """Ask, and send what comes; then what has waited for it meanwhile."""
        while question is not None:
            try:
                found = self._ask(question)
            except Exception:  # the caller waits for an answer, whatever it is
                log.exception("unexpected error")
                found = _broken()
            try:
                self._finish(question, found)
            except Gone:
                return
            question = self._following(question)

    def _finish(self, question: Question, found: Answered) -> None:
        self._ids.discard(question.id)
        self._last = time.monotonic()
        later = found.headers.get("retry-after", "")
        self._line.send(messages.answer(question.id, found.status_code, found.content, later))

    def _following(self, question: Question) -> Question | None:
        """Return what waits for the answer to `question`; nothing may be there to wait for."""
        if not question.replaces:
            return None
        waiting = self._lanes[question.path]
        if waiting is None:
            del self._lanes[question.path]
        else:
            self._lanes[question.path] = None
        return waiting

    def _refuse(self, id_: messages.Id, status: HTTPStatus, detail: str) -> None:
        body = messages.problem(status, status.phrase, detail)
        self._line.send(messages.answer(id_, status, body))


def _broken() -> Answered:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    detail = "Something broke on our side; './mayfly logs web' shows what happened."
    return Answered(status, {}, messages.problem(status, status.phrase, detail))
