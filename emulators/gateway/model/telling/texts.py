"""What lines have in common: their text without what differs from one time to the next (pure)."""

import re

_PLACEHOLDERS = (
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"'[^']*'|\"[^\"]*\""), "<text>"),
    (re.compile(r"(?<![\w<])/[\w./-]+"), "<path>"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "<number>"),
)
_LONGEST = 300


def pattern_of(event: str) -> str:
    """Return an event with ids, quoted texts, paths and numbers as what they are."""
    for expression, name in _PLACEHOLDERS:
        event = expression.sub(name, event)
    return event[:_LONGEST]
