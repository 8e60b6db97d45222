"""Which metrics a PromQL expression asks for (pure)."""

import re

# What stands in an expression and is no metric: texts, selectors, ranges, groups of labels.
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_SELECTOR = re.compile(r"\{[^{}]*\}")
_RANGE = re.compile(r"\[[^\]]*\]")
_LABELS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)")
_OFFSET = re.compile(r"\boffset\s+-?\w+")
_NAME = re.compile(r"(?<![\w:.$])[a-zA-Z_:][\w:]*\b(?!\s*\()")
_WORDS = frozenset(("and", "or", "unless", "bool", "inf", "nan"))


def metrics(expression: str) -> set[str]:
    """Return the names of the metrics in an expression."""
    for pattern in (_TEXT, _SELECTOR, _RANGE, _LABELS, _OFFSET):
        expression = pattern.sub(" ", expression)
    return {name for name in _NAME.findall(expression) if name.lower() not in _WORDS}
