"""What an emulator says, in one form: a JSON object on a line of standard error for each thing."""

import json
import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")
_TRACED: ContextVar[Callable[[], str] | None] = ContextVar("traced", default=None)


def traced_by(traceparent: Callable[[], str]) -> None:
    """Let what is logged from here on in this context name its trace.

    Args:
        traceparent: Gives the call's `traceparent`, or ""; it is asked when a line is written, so
            that a call that nothing is said of costs nothing.
    """
    _TRACED.set(traceparent)


class JsonLines(logging.Formatter):
    """Makes a record one line with the keys that all parts of Mayfly log by."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
        }
        if trace := _trace():
            told["trace"] = trace
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)


def set_up(*chatty: str) -> None:
    """Let warnings and what is worse be seen, with the time and the part that says it.

    Args:
        chatty: The names of loggers of which all is to be seen that is no detail.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in chatty:
        logging.getLogger(name).setLevel(logging.INFO)


def _trace() -> str:
    traced = _TRACED.get()
    found = _TRACEPARENT.fullmatch(traced()) if traced is not None else None
    return found[1] if found else ""
