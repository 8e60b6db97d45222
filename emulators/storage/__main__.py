"""`python -m emulators.storage`: Google Cloud Storage on a folder."""

import argparse
import signal
import sqlite3
import sys
import threading
from pathlib import Path

from emulators.kit import logs
from emulators.kit.door import Door, read_hosts
from emulators.kit.options import add_list, port
from emulators.storage.model.errors import StorageError
from emulators.storage.opening import build_site, open_stores
from emulators.storage.transport.guard import HOSTS_VARIABLE
from emulators.storage.transport.http.server import Server
from emulators.storage.transport.site import refuse

STOPPING = (signal.SIGTERM, signal.SIGINT)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m emulators.storage", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the objects")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=port, default=9023)
    parser.add_argument("--bucket", default="mayfly", help="made if it is missing")
    add_list(
        parser, "--allowed-hosts", HOSTS_VARIABLE, read_hosts, "hosts that it has besides loopback"
    )
    return parser.parse_args(arguments)


def main() -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight."""
    options = parse()
    logs.set_up()
    # Waited for, not handled: a handler that sets an event is not always run while its waiter
    # sleeps, and blocks for ever where the waiter holds the event's lock. Threads inherit it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        stores = open_stores(options.data)
    except (OSError, sqlite3.Error, ValueError, StorageError) as error:
        sys.exit(f"storage: cannot use the folder {options.data} (--data): {error}")
    door = Door(options.allowed_hosts, bound=options.host)
    here = f"{options.host}:{options.port}"
    try:
        site = build_site(stores.catalog, stores.contents, options.bucket, door, here)
        server = Server(options.host, options.port, site.answer, refuse)
    except StorageError as error:
        sys.exit(f"storage: {error} (--bucket)")
    except OSError as error:
        sys.exit(f"storage: cannot listen on {here} (--host, --port): {error}")
    threading.Thread(target=server.serve, daemon=True).start()
    signal.sigwait(STOPPING)
    server.stop()
    stores.close()


if __name__ == "__main__":
    main()
