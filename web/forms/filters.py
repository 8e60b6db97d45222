"""Row filters as the API writes them: `age>=30`."""

import re
from dataclasses import dataclass

OPERATORS = {
    "==": "is",
    "!=": "is not",
    ">": "is over",
    ">=": "is at least",
    "<": "is under",
    "<=": "is at most",
}
_SHAPE = re.compile(r"(?P<column>.+?)(?P<operator>==|!=|<=|>=|<|>)(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True)
class Filter:
    """One condition that rows must meet."""

    text: str

    @property
    def reading(self) -> str:
        """The condition in words."""
        found = _SHAPE.fullmatch(self.text)
        if found is None:
            return self.text
        return f"{found['column']} {OPERATORS[found['operator']]} {found['value'] or '(empty)'}"


def filters(texts: list[str], column: str, operator: str, value: str) -> list[Filter]:
    """Return the filters in force, and the one being added when a column is chosen for it."""
    added = [f"{column}{operator}{value}"] if column and operator in OPERATORS else []
    return [Filter(text) for text in dict.fromkeys((*texts, *added))]
