"""A chart as a page shows it: its words and its numbers; the picture comes from elsewhere."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Chart:
    """A chart beside its picture: what it is, its finding, explanation, its numbers as a table."""

    name: str
    kind: str
    title: str
    meaning: str
    alt: str
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
