"""A log on a full disk loses lines; it never raises."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GATEWAY = """
import structlog, sys
from emulators.gateway.lossy_log import Lossy
structlog.configure(logger_factory=structlog.WriteLoggerFactory(Lossy(sys.stderr)))
for _ in range(3):
    structlog.get_logger().info("a line " * 5000)
"""
WEB = """
import structlog, sys
from web.logs import configure_logs
configure_logs()
for _ in range(3):
    structlog.get_logger().info("a line " * 5000)
"""


@pytest.mark.parametrize("code", [GATEWAY, WEB])
def test_lines_that_the_disk_does_not_take_are_lost_and_nothing_else(code: str) -> None:
    with Path("/dev/full").open("w") as full:  # every write to it fails: no space left
        done = subprocess.run(
            [sys.executable, "-u", "-c", code],
            cwd=ROOT,
            stdout=full,
            stderr=full,
            check=False,
        )
    assert done.returncode == 0
