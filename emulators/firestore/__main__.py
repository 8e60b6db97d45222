"""Starts the emulator: `python -m emulators.firestore --data DIR --port 8200`."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from emulators.firestore import declared_indexes, serving
from emulators.firestore.adapters.sqlite.store import SqliteStore
from emulators.firestore.service.catalog import Catalog
from emulators.firestore.transport.guard import HOSTS_VARIABLE, ORIGINS_VARIABLE, Guard
from emulators.kit import logs
from emulators.kit.door import Door, read_hosts, read_origins
from emulators.kit.options import add_list, port

FUNCTIONS_VARIABLE = "FIRESTORE_FUNCTIONS_URL"


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m emulators.firestore", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the documents")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=port, default=8200, help="port to listen on")
    parser.add_argument(
        "--functions",
        type=_url,
        default=os.environ.get(FUNCTIONS_VARIABLE) or None,
        help="URL that triggers post events to, {name} in it stands for the trigger "
        f"(default: {FUNCTIONS_VARIABLE})",
    )
    parser.add_argument(
        "--allow-shutdown",
        action="store_true",
        help="let POST /shutdown end the emulator, as Google's does",
    )
    declared_indexes.add_options(parser)
    hosts, origins = "hosts that it has besides loopback", "origins whose pages may call it"
    add_list(parser, "--allowed-hosts", HOSTS_VARIABLE, read_hosts, hosts)
    add_list(parser, "--allowed-origins", ORIGINS_VARIABLE, read_origins, origins)
    return parser.parse_args()


def main() -> None:
    """Wire store, service and server together."""
    options = parse()
    guard = Guard(Door(options.allowed_hosts, options.allowed_origins, options.host))
    logs.set_up(serving.__name__)
    index_mode = declared_indexes.build_index_mode(options)
    try:
        store = SqliteStore(options.data)
    except (OSError, sqlite3.Error, ValueError) as error:
        sys.exit(f"firestore: cannot use the folder {options.data} (--data): {error}")
    try:
        uvloop.run(
            serving.serve(
                Catalog(store, index_mode),
                options.host,
                options.port,
                guard,
                options.functions,
                may_end=options.allow_shutdown,
            )
        )
    except OSError as error:
        sys.exit(f"firestore: {error} (--host, --port)")
    finally:
        store.close()


def _url(text: str) -> str:
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).netloc:
        raise argparse.ArgumentTypeError(f"{text!r} is not a URL such as http://127.0.0.1:8080/")
    return text


if __name__ == "__main__":
    main()
