"""Opens a file of any kind that is taken: by its content, not by its name."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain

from functions.datasets.model.detection import above, dialects, encodings, row_names
from functions.datasets.model.detection.dialects import Found
from functions.datasets.model.files.csv_rows import Reader, Refused
from functions.datasets.model.files.foreign import LINES, foreign, is_broken_json
from functions.datasets.model.files.inference import Rows
from functions.datasets.model.files.json_rows import JsonReader
from functions.datasets.model.reading import packed
from functions.datasets.model.reading.previews import Decision, Example
from functions.datasets.model.reading.questions import (
    Option,
    Question,
    header_questions,
    titled,
)
from functions.datasets.model.reading.shapes import Dialect, DialectOverrule, Format, Overrule
from functions.datasets.service.ports import Table, TableSource
from functions.datasets.service.rewriting import Rewritten
from functions.kit.contract.errors import Flaw

# Bytes by which a file is recognised, and its dialect detected.
HEAD = 256 * 1024

Keep = Callable[[bytes], object]


@dataclass
class Opened:
    """A file whose rows can be read.

    Attributes:
        rows: of it.
        dialect: how it is written.
        decisions: how that was found.
        questions: what only a person can say of it.
    """

    rows: Rows
    dialect: Dialect
    decisions: list[Decision] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


class Opener:
    """Opens files.

    Args:
        tables: reads what is no text.
        limit: bytes that a packed file may be unpacked to.
    """

    def __init__(self, tables: TableSource, limit: int) -> None:
        self._tables = tables
        self._limit = limit

    @contextmanager
    def open(self, chunks: Iterator[bytes], said: Overrule, keep: Keep) -> Iterator[Opened]:
        """Open a file for as long as the block goes on.

        Args:
            chunks: its bytes.
            said: what somebody said of its reading.
            keep: takes, while rows are read, the form in which the file can be imported: text
                in UTF-8, or CSV for what is no text.

        Raises:
            Refused: it is of no kind that is taken.
            TooLarge: it unpacks to too much.
            Unreadable: it cannot be unpacked.
        """
        if reason := dialects.flaws_of(said.dialect):
            raise Refused([Flaw(f"the reading cannot be used: {reason}")])
        head, whole, chunks = _peeked(chunks)
        is_packed = head.startswith(packed.MAGIC)
        if is_packed:
            head, whole, chunks = _peeked(packed.unpacked(chunks, self._limit))
        found = self._tables.recognised(head)
        with ExitStack() as stack:
            if found is not None:
                table = stack.enter_context(self._tables.open(found, chunks, said.dialect))
                rows = Rewritten(table, names_of(said), keep, self._limit)
                opened = _table(found, table, said, rows)
            else:
                opened = _text(head, chunks, said, keep, whole=whole)
            opened.dialect.compressed = is_packed
            yield opened


def _table(found: Format, table: Table, said: Overrule, rows: Rewritten) -> Opened:
    dialect = Dialect(format=found, header=table.has_header, sheet=table.sheet)
    if found == "parquet":  # it knows what is missing: its words are words
        dialect.missing = []
    if said.dialect.missing is not None:
        dialect.missing = said.dialect.missing
    why = f"its first bytes are those of {found}"
    decisions = [Decision("format", found, 1.0, why), *table.decisions]
    return Opened(rows, dialect, decisions, table.questions)


def _peeked(chunks: Iterator[bytes]) -> tuple[bytes, bool, Iterator[bytes]]:
    """Return the first bytes of a file, whether they are all, and the whole file again."""
    first: list[bytes] = []
    size = 0
    for chunk in chunks:
        first.append(chunk)
        size += len(chunk)
        if size >= HEAD:
            return b"".join(first)[:HEAD], False, chain(first, chunks)
    return b"".join(first), True, iter(first)


def names_of(said: Overrule) -> dict[str, str]:
    """Return the names of columns that are to be called otherwise than in the file."""
    named = ((one.source, one.name) for one in said.columns)
    return {source: name for source, name in named if source is not None and name is not None}


def _text(
    head: bytes, chunks: Iterator[bytes], said: Overrule, keep: Keep, *, whole: bool
) -> Opened:
    if what := foreign(head):
        raise Refused([Flaw(what)])
    encoding, decision, questions = _encoding(head, said, whole=whole)
    text = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    if not whole:  # the last line is a part of one
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    kept = _kept(_in_utf_8(chunks, encoding), keep)
    if said.dialect.format == "jsonl" or (said.dialect.format is None and _is_json(text)):
        return _json_lines(kept, encoding, said, decision)
    if said.dialect.format is None and is_broken_json(text):
        raise Refused(
            [Flaw(f"its first line begins an object of JSON, and does not end it; {LINES}")]
        )
    opened = _csv(text, kept, encoding, said)
    opened.decisions.insert(0, decision)
    opened.questions[:0] = questions
    return opened


def _in_utf_8(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield a file of text in UTF-8; raises Refused where it is not in its encoding."""
    try:
        yield from encodings.to_utf_8(chunks, encoding)
    except UnicodeError as error:
        why = getattr(error, "reason", error)
        reason = (
            f"the file is not whole and well-formed {encoding} ({why}); save it as UTF-8, or say "
            "its encoding in the parameter reading"
        )
        raise Refused([Flaw(reason)]) from error


def _kept(chunks: Iterable[bytes], keep: Keep) -> Iterator[bytes]:
    for chunk in chunks:
        keep(chunk)
        yield chunk


def _encoding(head: bytes, said: Overrule, *, whole: bool) -> tuple[str, Decision, list[Question]]:
    """Return the encoding; one that is unsure is UTF-8 unless somebody says otherwise."""
    if said.dialect.encoding is not None:
        if not encodings.is_known(said.dialect.encoding):
            reason = f"there is no encoding '{said.dialect.encoding[:80]}'"
            raise Refused([Flaw(f"the reading cannot be used: {reason}")])
        return said.dialect.encoding, _said("encoding", said.dialect.encoding), []
    found = encodings.detect(head, whole=whole)
    decision = Decision("encoding", found.name, found.sure, found.reason)
    if found.sure >= encodings.SURE:
        return found.name, decision, []
    options = [
        Option(f"it is {name}", {"dialect": {"encoding": name}}) for name in encodings.guesses(head)
    ]
    text = "its bytes are not UTF-8, and few of them are letters in Windows-1252"
    return "utf-8", decision, [Question("encoding", None, text, options)]


def _said(what: str, value: str | bool) -> Decision:  # noqa: FBT001 - a value as any other
    return Decision(what, value, 1.0, "somebody said so")


def _is_json(text: str) -> bool:
    first = text.lstrip().split("\n", 1)[0].strip()
    if not first.startswith("{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False
    except RecursionError:  # whoever reads the line says so
        return True


def _json_lines(
    chunks: Iterator[bytes], encoding: str, said: Overrule, decision: Decision
) -> Opened:
    dialect = Dialect(format="jsonl", encoding=encoding, missing=said.dialect.missing or [])
    why = "its first line is a JSON object"
    decisions = [Decision("format", "jsonl", 0.99, why), decision]
    return Opened(JsonReader(chunks, names=names_of(said)), dialect, decisions)


def _csv(text: str, chunks: Iterator[bytes], encoding: str, said: Overrule) -> Opened:
    dialect = Dialect(encoding=encoding)
    if said.dialect.missing is not None:
        dialect.missing = said.dialect.missing
    dialect.thousands = said.dialect.thousands or ""
    quote = _chosen("quote", said.dialect.quote, lambda: dialects.quote(text))
    dialect.quote = str(quote.value)
    delimiter = _chosen(
        "delimiter", said.dialect.delimiter, lambda: dialects.delimiter(text, dialect.quote)
    )
    dialect.delimiter = str(delimiter.value)
    rows = dialects.rows_of(text, dialect.delimiter, dialect.quote)
    _check_titles(rows, dialect.delimiter, said.dialect)
    header = _chosen("header", said.dialect.header, lambda: dialects.header(rows))
    dialect.header = bool(header.value)
    names = _row_names(rows, said.dialect) if dialect.header else []
    dialect.row_names = any(one.value for one in names)
    questions = [] if said.dialect.header is not None else header_questions(header, rows)
    reader = Reader(chunks, dialect=dialect, names=names_of(said))
    return Opened(reader, dialect, [delimiter, quote, header, *names], questions)


def _check_titles(rows: list[list[str]], delimiter: str, said: DialectOverrule) -> None:
    """Refuse a file whose table begins further down, unless somebody said what parts its cells."""
    count = 0 if said.delimiter is not None else above.titles(rows)
    if count:
        raise Refused([Flaw(titled(count, rows, delimiter))])


def _row_names(rows: list[list[str]], said: DialectOverrule) -> list[Decision]:
    """Say whether the rows have names of which the header says nothing; usually they have none."""
    if said.row_names is not None:
        return [_said("row_names", said.row_names)]
    found = row_names.are_there(rows)
    return [Decision("row_names", found, row_names.SURE, row_names.REASON)] if found else []


def _chosen(what: str, said: str | bool | None, find: Callable[[], Found]) -> Decision:  # noqa: FBT001 - a value as any other
    if said is not None:
        return _said(what, said)
    found = find()
    examples = [Example(row, value) for row, value in found.misfits]
    return Decision(what, found.value, found.sure, found.reason, found.fits, examples)
