"""Exports and imports all databases: `python -m emulators.firestore.transfer export FOLDER`.

It asks the emulator that runs at --host and --port, or with --data works on the folder of one
that does not run.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import urllib.error
import urllib.request
from pathlib import Path

from emulators.firestore.adapters.export_folder import FolderExports
from emulators.firestore.adapters.sqlite.store import SqliteStore
from emulators.firestore.model.errors import FirestoreError
from emulators.firestore.service.catalog import Catalog


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(
        prog="python -m emulators.firestore.transfer", description=__doc__
    )
    parser.add_argument("action", choices=("export", "import"))
    parser.add_argument("folder", type=Path, help="an export must not be there yet")
    parser.add_argument("--data", type=Path, help="folder of an emulator that does not run")
    parser.add_argument("--host", default="127.0.0.1", help="where the emulator listens")
    parser.add_argument("--port", type=int, default=8200, help="where the emulator listens")
    given = parser.parse_args()
    folder = given.folder.absolute()
    try:
        if given.data is not None:
            _at_rest(given.action, folder, given.data)
        else:
            _running(given.action, folder, f"http://{given.host}:{given.port}")
    except (FirestoreError, OSError, sqlite3.Error, ValueError) as error:
        sys.exit(f"firestore: {given.action} of {folder} failed: {error}")


def _at_rest(action: str, folder: Path, data: Path) -> None:
    store = SqliteStore(data)
    try:
        exports = FolderExports(Catalog(store))
        for _ in (exports.export if action == "export" else exports.import_)(folder):
            pass  # nobody else wants a turn
    finally:
        store.close()


def _running(action: str, folder: Path, address: str) -> None:
    url = f"{address}/emulator/v1:{action}"
    body = json.dumps({"folder": str(folder)}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - http alone
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310 - as above
            response.read()
    except urllib.error.HTTPError as error:
        with error:
            raise OSError(json.loads(error.read())["error"]["message"]) from error


if __name__ == "__main__":
    main()
