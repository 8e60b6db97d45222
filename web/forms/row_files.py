"""A file of rows that a browser sends: whether it is of a kind that is predicted for."""

from pathlib import PurePosixPath, PureWindowsPath

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson")
WAYS = {
    ".xlsx": "Save the workbook's sheet as CSV, then send that.",
    ".xls": "Save the workbook's sheet as CSV, then send that.",
    ".gz": "Unpack it first, then send what was in it.",
    ".zip": "Unpack it first, then send what was in it.",
    ".json": "Write a row a line (JSON Lines), call it .jsonl, then send that.",
}
USUAL = "Save it as CSV, Parquet or JSON Lines, then send that."


def plain_name(filename: str) -> str:
    """Return a file's name without the folders that some browsers send along."""
    return PureWindowsPath(PurePosixPath(filename).name).name


def refusal(filename: str) -> str | None:
    """Return why a file of this name is not predicted for, and what to do; None where it is."""
    suffix = PurePosixPath(filename.lower()).suffix
    if suffix in SUFFIXES:
        return None
    kinds = "it must be CSV, Parquet or JSON Lines"
    return f"“{filename}” cannot be predicted for: {kinds}. {WAYS.get(suffix, USUAL)}"
