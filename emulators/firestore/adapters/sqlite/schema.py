"""The tables of the SQLite store."""

from __future__ import annotations

import sqlite3

VERSION = 3

_TABLES = """
CREATE TABLE IF NOT EXISTS database (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    last_commit INTEGER NOT NULL DEFAULT 0  -- microseconds; `past` tells of later ones
);
-- No time after this was given to a read or a commit, but to commits that `past` tells of.
CREATE TABLE IF NOT EXISTS clock (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    reserved INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS collection (
    id INTEGER PRIMARY KEY,
    database INTEGER NOT NULL,
    key BLOB NOT NULL,
    UNIQUE (database, key)
);
CREATE TABLE IF NOT EXISTS document (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL,
    key BLOB NOT NULL,
    body BLOB NOT NULL,  -- a serialized google.firestore.v1.Document
    UNIQUE (collection, key)
);
-- What each commit replaced: the state at a time is the oldest row after it, or the document.
CREATE TABLE IF NOT EXISTS past (
    database INTEGER NOT NULL,
    time INTEGER NOT NULL,
    key BLOB NOT NULL,
    before BLOB,
    PRIMARY KEY (database, time, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS past_of_key ON past (database, key, time);
-- What commits of transactions were answered, as long as `past` tells what they replaced.
CREATE TABLE IF NOT EXISTS receipt (
    database INTEGER NOT NULL,
    id BLOB NOT NULL,  -- of the transaction
    time INTEGER NOT NULL,
    request BLOB NOT NULL,
    answer BLOB NOT NULL,
    PRIMARY KEY (database, id)
) WITHOUT ROWID;
-- Documents of an import that is under way (staging.py); after a crash they are dropped.
CREATE TABLE IF NOT EXISTS staged (
    database TEXT NOT NULL,
    collection BLOB NOT NULL,
    key BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (database, collection, key)
) WITHOUT ROWID;
DELETE FROM staged;
-- Indexes of fields, made when a query first wants one (model/plan.py).
CREATE TABLE IF NOT EXISTS field_index (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL,
    columns TEXT NOT NULL,
    complete INTEGER NOT NULL DEFAULT 1,  -- 0 while it is being made
    UNIQUE (collection, columns)
);
CREATE TABLE IF NOT EXISTS entry (
    field_index INTEGER NOT NULL,
    entry BLOB NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (field_index, entry)
) WITHOUT ROWID;
"""
# In one transaction: a kill between the two would leave a file that cannot be opened.
_FROM_1 = """
BEGIN;
ALTER TABLE field_index ADD COLUMN complete INTEGER NOT NULL DEFAULT 1;
PRAGMA user_version = 2;
COMMIT;
"""
_PRAGMAS = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;  -- the store itself syncs the log
PRAGMA cache_size = -65536;
PRAGMA temp_store = MEMORY;
"""


def open_database(path: str) -> sqlite3.Connection:
    """Open the file, making the tables if they are missing.

    Raises:
        sqlite3.Error: The file cannot be opened or written.
        ValueError: Another process holds it, or a newer version of the emulator wrote it.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=2)
    try:
        connection.executescript(_PRAGMAS)
    except sqlite3.OperationalError as error:
        connection.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise ValueError(
                f"another process, an emulator as a rule, holds {path}: end that one first, or "
                "name another folder"
            ) from error
        raise
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        connection.close()
        raise ValueError(f"{path} has version {version}; this emulator knows {VERSION}")
    if version == 1:
        connection.executescript(_FROM_1)
    connection.executescript(_TABLES)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    return connection
