"""Files that are no tables: what they are, and what to do about it."""

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


def foreign(begin: bytes) -> str | None:
    """Say why what begins like this is no file of text, if it is none."""
    found = (what for magic, what in FOREIGN.items() if begin.startswith(magic))
    what = next(found, None)
    return None if what is None else f"this is not a CSV file: {what}"
