"""``python -m emulators.gateway``: runs the gateway."""

import os
import sys
from typing import TextIO, cast

import structlog
import uvloop

from emulators.gateway.bootstrap.gateway import serve
from emulators.gateway.lossy_log import Lossy
from emulators.gateway.service.deployments.store import lock_folder
from emulators.gateway.settings import from_arguments


def main() -> None:
    """Read the settings and serve until told to stop."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("INFO"),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", Lossy(sys.stderr))),
    )
    settings = from_arguments(sys.argv[1:], os.environ)
    settings.data.mkdir(parents=True, exist_ok=True)
    with lock_folder(settings.data, patience=settings.stop_grace):
        uvloop.run(serve(settings))


if __name__ == "__main__":
    main()
