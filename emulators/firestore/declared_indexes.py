"""The options about indexes, and what is made of them."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from emulators.firestore.adapters.index_file import DiskIndexFile, load
from emulators.firestore.model.indexing.file import IndexFileError
from emulators.firestore.model.indexing.selection import Indexes
from emulators.firestore.service.index_mode import IndexMode
from emulators.firestore.service.index_recording import FileRecorder

if TYPE_CHECKING:
    from collections.abc import Callable

FILE_VARIABLE = "FIRESTORE_INDEXES"
REQUIRE_VARIABLE = "FIRESTORE_REQUIRE_INDEXES"
RECORD_VARIABLE = "FIRESTORE_RECORD_INDEXES"
_Made = TypeVar("_Made")
_YES, _NO = {"1", "true", "yes"}, {"", "0", "false", "no"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add `--indexes`, `--require-indexes` and `--record-indexes`, each with its variable."""
    parser.add_argument(
        "--indexes",
        type=Path,
        default=os.environ.get(FILE_VARIABLE) or None,
        help=f"firestore.indexes.json with the declared indexes (default: {FILE_VARIABLE})",
    )
    parser.add_argument(
        "--require-indexes",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="refuse a query whose index is not declared, as the real service does "
        f"(default: {REQUIRE_VARIABLE})",
    )
    parser.add_argument(
        "--record-indexes",
        type=Path,
        default=os.environ.get(RECORD_VARIABLE) or None,
        help="add the indexes that the queries seen need to this firestore.indexes.json "
        f"(default: {RECORD_VARIABLE})",
    )


def build_index_mode(options: argparse.Namespace) -> IndexMode | None:
    """Return what holds queries against indexes; None where no option asks for it.

    Ends the program with a line that names the file, the place and the remedy if one is no file
    of indexes.
    """
    required = options.require_indexes
    if required is None:
        required = _flag(REQUIRE_VARIABLE)
    if not (required or options.indexes or options.record_indexes):
        return None
    indexes, recorder = Indexes(), None
    if options.record_indexes is not None:
        file = DiskIndexFile(options.record_indexes)
        recorder = _or_exit(lambda: FileRecorder(file), options.record_indexes, "--record-indexes")
    if options.indexes is not None:
        indexes = _or_exit(lambda: load(options.indexes), options.indexes, "--indexes")
    told = required or options.indexes is not None
    return IndexMode(indexes, required=required, told=told, recorder=recorder)


def _flag(variable: str) -> bool:
    text = os.environ.get(variable, "").strip().lower()
    if text not in _YES | _NO:
        sys.exit(f"firestore: {variable} is {text!r}; it must be 1 or 0.")
    return text in _YES


def _or_exit(make: Callable[[], _Made], path: Path, option: str) -> _Made:
    try:
        return make()
    except (OSError, IndexFileError) as error:
        sys.exit(f"firestore: cannot use {path} ({option}): {error}")
