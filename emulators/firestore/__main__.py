"""Starts the emulator: `python -m emulators.firestore --data DIR --port 8200`."""

from __future__ import annotations

import argparse
import logging
import sqlite3
import sys
from pathlib import Path

import uvloop

from emulators.firestore.service.catalog import Catalog
from emulators.firestore.store.sqlite import SqliteStore
from emulators.firestore.transport.serving import serve


def main() -> None:
    """Wires store, service and server together."""
    parser = argparse.ArgumentParser(prog="python -m emulators.firestore", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps the documents")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8200, help="port to listen on")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        store = SqliteStore(options.data)
    except (OSError, sqlite3.Error, ValueError) as error:
        sys.exit(f"firestore: cannot use the folder {options.data} (--data): {error}")
    try:
        uvloop.run(serve(Catalog(store), options.host, options.port))
    except OSError as error:
        sys.exit(f"firestore: {error} (--host, --port)")
    finally:
        store.close()


if __name__ == "__main__":
    main()
