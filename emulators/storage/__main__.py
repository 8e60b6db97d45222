"""`python -m emulators.storage`: Google Cloud Storage on a folder."""

import argparse
import logging
import signal
import threading
from pathlib import Path

from emulators.kit import logs
from emulators.kit.door import read_hosts
from emulators.kit.options import add_list
from emulators.storage.guard import HOSTS_VARIABLE
from emulators.storage.objects import DurableObjects
from emulators.storage.server import StorageServer

STOPPING = (signal.SIGTERM, signal.SIGINT)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m emulators.storage", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the objects")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9023)
    parser.add_argument("--bucket", default="mayfly", help="made if it is missing")
    add_list(
        parser, "--allowed-hosts", HOSTS_VARIABLE, read_hosts, "hosts that it has besides loopback"
    )
    return parser.parse_args(arguments)


def main() -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight."""
    options = parse()
    logs.set_up()
    # The package reports each 404 and 412, which are answers, as an error.
    logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)
    logging.getLogger("api").setLevel(logging.CRITICAL)
    # Waited for, not handled: a handler that sets an event is not always run while its waiter
    # sleeps, and blocks for ever where the waiter holds the event's lock. Threads inherit it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    objects = DurableObjects(options.data.absolute())
    server = StorageServer(
        options.host, options.port, objects, options.bucket, options.allowed_hosts
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    signal.sigwait(STOPPING)
    server.stop()


if __name__ == "__main__":
    main()
