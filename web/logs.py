"""Logs: one JSON object a line on standard output."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import structlog
from gunicorn.glogging import Logger  # type: ignore[import-untyped] # it has none

from web.client import traces
from web.lossy_log import Lossy


def configure_logs() -> None:
    """Set structlog up for the process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _name_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", Lossy(sys.stdout))),
    )


def _name_trace(
    _: object, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Say which trace a line belongs to, if it does to one."""
    if trace := traces.current_id():
        event["trace"] = trace
    return event


class JsonLines(logging.Formatter):
    """What the standard library's loggers say, gunicorn's among them, in the form of our own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line."""
        told = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
        }
        if trace := traces.current_id():
            told["trace"] = trace
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)


class GunicornLogger(Logger):  # type: ignore[misc] # the library has no types
    """Gunicorn's logger, which writes JSON (`--logger-class web.logs.GunicornLogger`)."""

    def setup(self, cfg: Any) -> None:
        """Set the logger up as gunicorn does, but for the form of its lines."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())
