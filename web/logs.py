"""Logs: one JSON object a line on standard output."""

import sys
from typing import TextIO, cast

import structlog

from web.lossy_log import Lossy


def configure_logs() -> None:
    """Set structlog up for the process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", Lossy(sys.stdout))),
    )
