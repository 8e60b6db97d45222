"""`python -m emulators.broker.health`: is the server of this container well?

A stream that could not be written once, on a full disk, refuses everything until the server is
started again, however much room there is by then (2.15.1; its own health check says so). So this
ends such a server once there is room: a restart policy (`restart: unless-stopped`) starts it again.
Nothing that was acknowledged is lost by that.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from emulators.broker.__main__ import CONFIG_NAME

TIMEOUT = 2.0
LEAST_ROOM = 12 << 20  # bytes: more than the largest message takes
# How a server says that it has met a full disk.
SIGNS = ("no space left on device", "disk quota exceeded")
PROC = Path("/proc")


def failure(monitor_port: int) -> str:
    """Return what keeps the server from working, in its own words; empty where nothing does."""
    url = f"http://127.0.0.1:{monitor_port}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT):
            return ""
    except urllib.error.HTTPError as error:
        with error:
            return _told(error.read())
    except OSError as error:
        return f"{url} does not answer: {error}"


def _told(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace") or "no reason given"


def is_spoilt(reason: str, data: Path) -> bool:
    """Tell whether a server met a full disk that has room again."""
    return any(sign in reason for sign in SIGNS) and shutil.disk_usage(data).free >= LEAST_ROOM


def servers(data: Path) -> Iterator[int]:
    """Yield the process ids of the servers whose streams lie in `data`."""
    config = os.fsencode(data.absolute() / CONFIG_NAME)
    for folder in PROC.glob("[0-9]*"):
        try:
            program, *arguments = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it is gone
            continue
        if program.endswith(b"nats-server") and config in arguments:
            yield int(folder.name)


def main(arguments: list[str] | None = None) -> None:
    """Look once; end with status 1 and the reason where the server is not well."""
    parser = argparse.ArgumentParser(prog="python -m emulators.broker.health", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the streams")
    parser.add_argument("--monitor-port", type=int, required=True, help="where it tells of itself")
    options = parser.parse_args(arguments)
    reason = failure(options.monitor_port)
    if not reason:
        return
    if is_spoilt(reason, options.data):
        for server in servers(options.data):
            os.kill(server, signal.SIGTERM)
        reason += "; there is room again, so it is ended, to be started anew"
    sys.exit(reason)


if __name__ == "__main__":
    main()
