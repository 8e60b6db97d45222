"""Files that are no tables: what they are, and what to do about it."""

import codecs
import re

INSTEAD = "choose a file of text whose first line names the columns"
# What other files begin with, and what to do about it.
FOREIGN = {
    b"PK\x03\x04": "it is a ZIP archive and no workbook; unpack it, or save a sheet as 'CSV UTF-8'",
    b"SQLite format 3": "it is a database; export one of its tables as CSV",
    b"\xd0\xcf\x11\xe0": "it is an old Office file; save the sheet as 'CSV UTF-8'",
    b"%PDF": f"it is a PDF; {INSTEAD}",
    b"\x89PNG": f"it is a picture; {INSTEAD}",
    b"\xff\xd8\xff": f"it is a picture; {INSTEAD}",
    b"GIF8": f"it is a picture; {INSTEAD}",
    b"\x1f\x8b": "it is packed by gzip twice; unpack it once",
}
# The same of text, whose first letters may be written in more than one way.
LINES = "write one object a line (JSON Lines), or a table as CSV"
FOREIGN_TEXT = [
    (
        re.compile(rb"\s*<(!doctype\s+html|html|head)\b", re.IGNORECASE),
        f"it is a web page; {INSTEAD}",
    ),
    (re.compile(rb"\s*<\?xml\b"), f"it is XML; {INSTEAD}"),
    (re.compile(rb"\s*\[\s*(?=[\[{])"), f"it is a list of JSON; {LINES}"),
]


def foreign(begin: bytes) -> str | None:
    """Say why what begins like this is no file of text, if it is none."""
    found = (what for magic, what in FOREIGN.items() if begin.startswith(magic))
    text = begin.removeprefix(codecs.BOM_UTF8)
    texts = (what for pattern, what in FOREIGN_TEXT if pattern.match(text))
    what = next(found, None) or next(texts, None)
    return None if what is None else f"this is not a CSV file: {what}"


def is_broken_json(text: str) -> bool:
    """Tell whether a text, whose first line is no object of JSON, begins one."""
    return bool(_OBJECT.match(text))


_OBJECT = re.compile(r"\s*{\s*[\"\r\n]")
