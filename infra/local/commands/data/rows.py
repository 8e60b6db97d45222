"""Rows to predict for, as a file has them: which form they are in, and whether they are few."""

import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from infra.local.errors import LocalError

FORMS = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}
FORMS[".json"] = "json"
MOST, MOST_BYTES = 1000, 1_000_000
"""What goes as one call; more is a batch."""


class Few(NamedTuple):
    """Rows of one call.

    Attributes:
        body: they.
        media: their type.
    """

    body: bytes
    media: str


def form_of(path: Path, name: str) -> str:
    """Return the form of a file: by its name, or where that does not say by how it begins."""
    known = FORMS.get(PurePath(name).suffix.lower())
    if known:
        return known
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith(b"PAR1"):
        return "parquet"
    return {b"{": "jsonl", b"[": "json"}.get(head.lstrip()[:1], "csv")


def few(path: Path, form: str) -> Few | None:
    """Return the rows of a file for one call; None where they are many, or not for one.

    Raises:
        LocalError: it is not in that form.
    """
    if form == "parquet" or path.stat().st_size > MOST_BYTES:
        return None
    if form == "csv":
        return None if _is_long(path) else Few(path.read_bytes(), "text/csv")
    found = list(islice(objects(path, form), MOST + 1))
    if len(found) > MOST:
        return None
    return Few(b"".join(map(_line, found)), "application/jsonl")


def objects(path: Path, form: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON, or of JSON Lines.

    Raises:
        LocalError: it is no such file; the message names the line.
    """
    if form == "json":
        yield from _of_json(path)
        return
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _object(_decoded(line, f"{path.name}, line {number},"), number)


def as_csv(path: Path, form: str, target: Path) -> None:
    """Write objects as CSV: a column for each name that one of them has; raises LocalError."""
    names = {name: None for one in objects(path, form) for name in one}
    with target.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([_cell(one.get(name)) for name in names] for one in objects(path, form))


def _is_long(path: Path) -> bool:
    """Tell whether a CSV file has more rows than go as one call."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            return sum(1 for _ in islice(csv.reader(file), MOST + 2)) > MOST + 1
        except csv.Error:
            return False  # the function says what is wrong with it, and where


def _of_json(path: Path) -> Iterator[dict[str, Any]]:
    found = _decoded(path.read_text(encoding="utf-8-sig"), path.name)
    if isinstance(found, dict):
        found = found.get("records", [found])
    if not isinstance(found, list):
        raise LocalError(f"{path.name} holds no records.", 'Such as [{"age": 29}].')
    for number, one in enumerate(found, 1):
        yield _object(one, number)


def _decoded(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise LocalError(f"{place} is no JSON: {error}.") from error


def _object(found: Any, number: int) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise LocalError(f"Row {number} is no JSON object.", 'Such as {"age": 29}.')
    return found


def _line(one: dict[str, Any]) -> bytes:
    return json.dumps(one, ensure_ascii=False).encode() + b"\n"


def _cell(value: Any) -> Any:
    """Return a value as CSV has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value)
    return value
