"""One column of a file, decided: its reading, the column that it becomes, and what is wrong."""

from dataclasses import dataclass

import msgspec

from functions.datasets.model.detection.decisions import Choice
from functions.datasets.model.detection.seen import Seen
from functions.datasets.model.reading import reasons
from functions.datasets.model.reading.numbers import Marks
from functions.datasets.model.reading.shapes import ColumnOverrule, ColumnReading, Dialect
from functions.datasets.model.reading.spellings import NUMERIC
from functions.kit.contract.errors import Flaw
from functions.kit.contract.records import dates
from functions.kit.contract.records.columns import Column, Role, Suggested

NOT_FINITE = "not a finite number; leave the cell empty if the value is missing"
# What the suggested words of a category may take together.
LEVELS_BYTES = 2_000


@dataclass
class Decided:
    """A column of a file, and all that led to what it is."""

    source: str
    name: str
    seen: Seen
    choice: Choice
    said: ColumnOverrule
    role: Role
    role_reason: str

    @property
    def missing(self) -> int:
        """How many cells are missing."""
        return self.seen.blank + sum(self.choice.missing.values())

    def column(self) -> Column:
        """Return the column of the dataset."""
        kind = self.choice.kind
        return Column(
            self.name,
            kind,
            required=self.missing == 0 and self.seen.present > 0,
            role=self.role,
            suggested=self._suggested(),
            date_format=_foreign_format(self.choice.spelling.date_format),
        )

    def reading(self, dialect: Dialect) -> ColumnReading:
        """Return how the column is read."""
        spelling = self.choice.spelling
        marks = spelling.marks if spelling.kind in NUMERIC else Marks()
        usual = marks[:2] == (dialect.decimal, dialect.thousands) or spelling.kind not in NUMERIC
        return ColumnReading(
            name=self.name,
            source=None if self.source == self.name else self.source,
            kind=spelling.kind,
            role=self.role,
            date_format=spelling.date_format or None,
            decimal=None if usual else marks.decimal,  # type: ignore[arg-type] # one of the two
            thousands=None if usual else marks.thousands,
            unit=marks.unit or None,
            missing=self._missing_words(dialect),
            reason=reasons.of_kind(self.choice),
            warnings=reasons.warnings(self.seen, self.choice),
        )

    def _missing_words(self, dialect: Dialect) -> list[str] | None:
        """Return the words that are missing here, where they are others than in the file."""
        if self.said.missing is not None:
            return self.said.missing
        found = set(self.choice.missing)
        if found - set(dialect.missing):
            return sorted(found.union(dialect.missing))
        here = self.seen.words.keys() & set(dialect.missing)
        return sorted(set(dialect.missing) - here) if here - found else None

    def flaws(self) -> list[Flaw]:
        """Return the cells that are not as the column is, infinity among numbers first."""
        wanted = reasons.wanted(self.choice.spelling)
        return [
            *(Flaw(NOT_FINITE, row, self.name, value) for row, value in self.choice.infinite),
            *(Flaw(wanted, row, self.name, value) for row, value in self.choice.misfits),
        ]

    def _suggested(self) -> Suggested | None:
        """Return the limits that the values keep to so far."""
        if self.choice.kind in NUMERIC:
            return self._bounds()
        if self.choice.kind != "category":
            return None
        levels = sorted(
            str(word) for word in self.seen.distinct if word.strip() not in self.choice.missing
        )
        if len(msgspec.json.encode(levels)) > LEVELS_BYTES:
            return None
        return Suggested(levels=levels)

    def _bounds(self) -> Suggested | None:
        decimal = self.choice.spelling.marks.decimal
        groups = self.seen.groups.values()
        bounds = [group.bounds[decimal] for group in groups if decimal in group.bounds]
        kept = [float(word.replace(",", ".")) for word in self.seen.sentinels]
        lows, highs = [low for low, _ in bounds] + kept, [high for _, high in bounds] + kept
        return Suggested(minimum=min(lows), maximum=max(highs)) if lows else None


def _foreign_format(date_format: str) -> str | None:
    """Return a format that is not ISO 8601, which is taken everywhere."""
    return None if date_format in {"", dates.ISO, dates.DATES[0]} else date_format
