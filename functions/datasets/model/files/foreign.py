"""Files that are no tables: what they are, and what to do about it."""

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
}
_LINES = "write it as JSON Lines: each object on a line of its own, no brackets around them"
# What other text begins with.
WORDS = {
    rb"(?i)<(!doctype html|html|head)\b": f"it is a web page, perhaps one to sign in; {INSTEAD}",
    rb"<\?xml\b": f"it is XML; {INSTEAD}",
    rb"\[\s*[{\[]": f"it is a list in JSON; {_LINES}",
    rb"\{\s*\n\s*\"": f"it is JSON over several lines; {_LINES}",
}


def foreign(begin: bytes) -> str | None:
    """Say why what begins like this is no file of text, if it is none."""
    text = begin.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = [what for magic, what in FOREIGN.items() if begin.startswith(magic)]
    found += [what for words, what in WORDS.items() if re.match(words, text)]
    return f"this is not a CSV file: {found[0]}" if found else None
