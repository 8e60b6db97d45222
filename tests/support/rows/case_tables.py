"""Tables that once failed, which lie beside the clone."""

from tests.support.imports import ROOT
from tests.support.tools import lacking

TABLES = ROOT.parent / "shared" / "cases" / "tables"


def case_table(name: str) -> bytes:
    """Return the file of a case; a laptop may be without it, CI may not."""
    path = TABLES / f"{name}.csv"
    if not path.is_file():
        lacking(f"{path} is not there")
    return path.read_bytes()
