"""The catalog's file: its tables, and how it is opened."""

import sqlite3

FILE = "storage.sqlite3"
FORMAT = 1
_PRAGMAS = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;  -- the log is on disk when a transaction ends
PRAGMA temp_store = MEMORY;
"""
_TABLES = """
BEGIN;
CREATE TABLE IF NOT EXISTS bucket (
    name TEXT PRIMARY KEY,
    metageneration INTEGER NOT NULL,
    fields TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deleted_bucket (
    name TEXT NOT NULL,
    generation TEXT NOT NULL,
    metageneration INTEGER NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (name, generation)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS version (
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    metageneration INTEGER NOT NULL,
    live INTEGER NOT NULL,
    content TEXT NOT NULL,
    fields TEXT NOT NULL,
    gone REAL NOT NULL,
    PRIMARY KEY (bucket, name, generation)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS version_gone ON version (gone) WHERE gone;
CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    created REAL NOT NULL,
    request TEXT NOT NULL,
    done INTEGER
) WITHOUT ROWID;
-- The greatest generation that was given away: also of what is gone.
CREATE TABLE IF NOT EXISTS newest (id INTEGER PRIMARY KEY CHECK (id = 0), generation INTEGER);
INSERT OR IGNORE INTO newest VALUES (0, 0);
COMMIT;
"""


def open_file(path: str) -> sqlite3.Connection:
    """Open the file, making the tables if they are missing.

    Raises:
        sqlite3.Error: It cannot be used.
        ValueError: A newer version of the emulator wrote it.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=5, check_same_thread=False)
    connection.executescript(_PRAGMAS)
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > FORMAT:
        connection.close()
        raise ValueError(f"{path} has version {found}; this emulator knows {FORMAT}")
    if found < FORMAT:
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    return connection
