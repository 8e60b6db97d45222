"""Words that stand for no value."""

from functions.datasets.model.reading.shapes import MISSING

# Among numbers, times and truth values these are no value, too; among words they are words.
PLACEHOLDERS = frozenset(
    [
        *("None", "none", "?", "-", "--", "---", ".", "..", "*", "na", "n.a.", "N.A.", "(null)"),
        *("nil", "\\N", "missing", "Missing", "unknown", "Unknown"),
        *("#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"),
    ]
)
EVERYWHERE = frozenset(MISSING)
AMONG_VALUES = EVERYWHERE | PLACEHOLDERS
# Numbers that some write where there is none: offered, never decided.
SENTINELS = frozenset(
    [
        *("-1", "-9", "-99", "-999", "-9999", "-99999", "99", "999", "9999", "99999"),
        *("-99.0", "-999.0", "-9999.0", "-999.99", "-999,0", "-9999,0", "999.0", "9999.0"),
    ]
)
